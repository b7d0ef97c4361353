"""What is said: blocks, messages, timeline entries, usage, requests and results, as plain frozen data."""

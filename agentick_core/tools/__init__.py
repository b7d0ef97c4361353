"""Tools: what a model or a person can call, from the decorator to the result."""

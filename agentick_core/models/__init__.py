"""From a request to events: the protocol of models, the adapters, and how an answer is built from deltas."""

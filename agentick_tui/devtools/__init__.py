"""DevTools: what the engine is doing, live, beside the chat."""

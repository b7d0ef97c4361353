"""The prompt: the editor, its history, the completion of commands, and the queue above it."""

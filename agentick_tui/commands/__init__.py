"""Slash commands: tools for the user, typed at the prompt."""

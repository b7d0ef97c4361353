"""Asking before a tool runs: the waiting questions, the panel, and the form that edits arguments."""

"""The status bar: what is going on, in one line."""

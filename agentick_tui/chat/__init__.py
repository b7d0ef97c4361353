"""The transcript on the screen: blocks become lines, and lines a view that scrolls."""

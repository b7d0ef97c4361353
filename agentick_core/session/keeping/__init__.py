"""What is kept of a session: its timeline, on its way to the store and back."""

"""What the user has set: the layers of settings, and what they lead to."""

"""What a session tells: events, channels, recordings, and what can be seen of it."""

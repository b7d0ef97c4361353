"""What outlives sessions: the app, its options, and which sessions it has in memory."""

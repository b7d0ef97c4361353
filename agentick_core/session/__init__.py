"""The loop: app, session, execution and tick, cut by how long each lives."""

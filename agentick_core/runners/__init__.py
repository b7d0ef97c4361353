"""Execution runners: what stands between a session and its model, tools and store."""

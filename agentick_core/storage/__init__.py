"""Kept: the protocol of stores, a store in memory, and one in SQLite with a journal."""

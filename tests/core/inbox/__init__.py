"""Tests of inboxes."""

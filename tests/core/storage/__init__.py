"""Tests of `agentick_core.storage`."""

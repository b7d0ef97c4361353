"""Tests of `agentick_core.wire`."""

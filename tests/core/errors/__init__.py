"""Tests of agentick_core/errors."""

"""A clock for tests in which time passes only when they say so."""

from agentick_core.clock import SystemClock


class HandClock(SystemClock):
    """The real ids, and a time that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds

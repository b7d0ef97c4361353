"""When each open session was last used: what decides which goes when there are too many, or when one is idle."""

from collections import OrderedDict
from dataclasses import dataclass

from agentick_core.clock import Clock


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a session: each has another number, `at` is in monotonic seconds."""

    number: int
    at: float


class Activity:
    """The last use of each session, least recently used first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._last: OrderedDict[str, Use] = OrderedDict()

    def touch(self, id: str) -> None:
        """Note that a session is used now."""
        self._count += 1
        self._last[id] = Use(self._count, self._clock.monotonic())
        self._last.move_to_end(id)

    def last(self, id: str) -> Use | None:
        """Give the last use."""
        return self._last.get(id)

    def idle_for(self, id: str) -> float:
        """Give how many seconds ago the session was last used."""
        use = self._last.get(id)
        return 0.0 if use is None else self._clock.monotonic() - use.at

    def oldest_first(self) -> tuple[str, ...]:
        """Give the ids, least recently used first."""
        return tuple(self._last)

    def forget(self, id: str) -> None:
        """Forget a session that is gone."""
        self._last.pop(id, None)

"""Time and ids, as something that can be handed in, so that tests and replays are deterministic."""

import time
import uuid
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the engine reads the time and takes new ids from."""

    def now(self) -> float:
        """Give the seconds since 1970, UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that only ever grow, for measuring durations."""
        ...

    def new_id(self) -> str:
        """Give an id that was never given before."""
        ...


class SystemClock:
    """The machine's own time, and random UUIDs."""

    def now(self) -> float:
        """Give the seconds since 1970, UTC, to the millisecond that events carry on the wire."""
        return time.time_ns() // 1_000_000 / 1000

    def monotonic(self) -> float:
        """Give seconds that only ever grow."""
        return time.monotonic()

    def new_id(self) -> str:
        """Give a random UUID."""
        return str(uuid.uuid4())


def isoformat(seconds: float) -> str:
    """Write seconds since 1970 as ISO 8601 in UTC with milliseconds, as events carry it on the wire."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""When state has changed: the reasons that wait, and the reconciles that came of them."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agentick_core.clock import Clock

SchedulerStatus = Literal["idle", "scheduled", "rendering", "tick"]
HISTORY_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Reconcile:
    """One time that changes were taken up: why, when (seconds since 1970), and whether it had to wait."""

    reason: str
    timestamp: float
    deferred: bool = False
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerState:
    """The scheduler as it stands; `history` holds the last reconciles, oldest first."""

    status: SchedulerStatus = "idle"
    is_executing_tick: bool = False
    is_scheduled: bool = False
    pending_reasons: tuple[str, ...] = ()
    deferred_reasons: tuple[str, ...] = ()
    reconcile_count: int = 0
    last_reconcile_ms: float | None = None
    history: tuple[Reconcile, ...] = ()


class Scheduler:
    """Collects the reasons for a render, once per loop turn; while a tick compiles they are deferred."""

    def __init__(self, clock: Clock, tell: Callable[[Reconcile], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._pending: list[str] = []
        self._deferred: list[str] = []
        self._history: deque[Reconcile] = deque(maxlen=HISTORY_LENGTH)
        self._count = 0
        self._flush_at: asyncio.Handle | None = None
        self._in_tick = False
        self._compiling_since: float | None = None

    @property
    def state(self) -> SchedulerState:
        """The state, as a value that does not change."""
        return SchedulerState(
            status=self._status(),
            is_executing_tick=self._in_tick,
            is_scheduled=bool(self._pending),
            pending_reasons=tuple(self._pending),
            deferred_reasons=tuple(self._deferred),
            reconcile_count=self._count,
            last_reconcile_ms=self._history[-1].ms if self._history else None,
            history=tuple(self._history),
        )

    def schedule(self, reason: str) -> None:
        """Note a reason: taken up in the next loop turn, or after the compile that runs now."""
        if self._compiling_since is not None:
            self._deferred.append(reason)
            return
        self._pending.append(reason)
        if self._flush_at is None:
            self._flush_at = asyncio.get_running_loop().call_soon(self._flush)

    def tick_started(self) -> None:
        """A tick begins."""
        self._in_tick = True

    def tick_ended(self) -> None:
        """The tick is over."""
        self._in_tick = False

    def compile_started(self) -> None:
        """The tree renders: what changes now belongs to this compile."""
        self._compiling_since = self._clock.monotonic()

    def mount_ended(self) -> None:
        """The tree is mounted: what changed meanwhile is in it already, and nobody need be told."""
        self._compiling_since, self._deferred = None, []

    def compile_ended(self, reason: str) -> None:
        """The tree is stable: this was a reconcile, and what was deferred is done with it."""
        began, self._compiling_since = self._compiling_since, None
        spent = 0.0 if began is None else (self._clock.monotonic() - began) * 1000
        deferred, self._deferred = self._deferred, []
        self._note("; ".join([reason, *dict.fromkeys(deferred)]), deferred=bool(deferred), ms=spent)

    def dispose(self) -> None:
        """Forget everything; nothing is told any more."""
        if self._flush_at is not None:
            self._flush_at.cancel()
        self._pending, self._deferred = [], []
        self._tell = _nobody

    def _flush(self) -> None:
        self._flush_at = None
        reasons, self._pending = self._pending, []
        self._note("; ".join(dict.fromkeys(reasons)))

    def _note(self, reason: str, *, deferred: bool = False, ms: float = 0.0) -> None:
        reconcile = Reconcile(reason, self._clock.now(), deferred, ms)
        self._history.append(reconcile)
        self._count += 1
        self._tell(reconcile)

    def _status(self) -> SchedulerStatus:
        if self._compiling_since is not None:
            return "rendering"
        if self._in_tick:
            return "tick"
        return "scheduled" if self._pending else "idle"


def _nobody(_: Reconcile) -> None:
    """Tell nobody."""

"""Which sessions have to go from memory, and how: stored first, never while they are busy."""

import asyncio
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentick_core.clock import Clock
from agentick_core.errors import AgentickError, ValidationError
from agentick_core.session.app.activity import Activity
from agentick_core.session.session import Session

SOONEST_SWEEP = 0.02
LATEST_SWEEP = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many idle sessions stay in memory, and for how many seconds; None means no bound."""

    max_active: int | None = None
    idle_timeout: float | None = None

    def check(self) -> None:
        """Make sure that something may stay.

        Raises:
            ValidationError: one of them is not above zero.
        """
        for name, value in (("max_active", self.max_active), ("idle_timeout", self.idle_timeout)):
            if value is not None and value <= 0:
                raise ValidationError(f"{name} must be above zero, got {value}", hint="None means no bound.")


class Eviction:
    """Closes the sessions that are too many, or have been idle for too long.

    A session is used when somebody asks for it, by each of its events, and by what is published on its channels.
    """

    def __init__(self, bounds: Bounds, clock: Clock, sessions: Mapping[str, Session[Any]]) -> None:
        self._bounds = bounds
        self._sessions = sessions
        self._activity = Activity(clock)
        self._timer: asyncio.TimerHandle | None = None
        self._evicting: set[asyncio.Task[None]] = set()
        self._going: dict[str, asyncio.Event] = {}

    def watch(self, session: Session[Any]) -> None:
        """Follow a session that is in memory from now on."""
        if self._bounds == Bounds():
            return
        id, activity = session.id, self._activity

        def used() -> None:
            activity.touch(id)

        used()
        session.life.watch(used, self.make_room_soon)
        self._sweep_later()

    def touch(self, id: str) -> None:
        """Note that somebody asked for a session."""
        if self._activity.last(id) is not None:
            self._activity.touch(id)

    def forget(self, id: str) -> None:
        """Forget a session that is gone."""
        self._activity.forget(id)
        self._gone(id)

    async def make_room(self) -> None:
        """Let the least recently used idle sessions go until no more stay than may."""
        if self._bounds.max_active is None:
            return
        idle = [id for id in self._activity.oldest_first() if self._is_idle(id)]
        too_many = max(0, len(idle) - self._bounds.max_active)
        for id in [id for id in idle if self._may_go(id)][:too_many]:
            await self._evict(id)
        # Somebody else may be letting one of them go.
        for id, gone in tuple(self._going.items()):
            session = self._sessions.get(id)
            if session is not None and not session.is_inside():
                await gone.wait()

    def make_room_soon(self) -> None:
        """Do so without waiting."""
        if self._bounds.max_active is not None:
            task = asyncio.create_task(self.make_room())
            self._evicting.add(task)
            task.add_done_callback(self._evicting.discard)

    async def sweep(self) -> None:
        """Let the sessions go that have been idle for too long."""
        timeout = self._bounds.idle_timeout
        if timeout is None:
            return
        for id in self._activity.oldest_first():
            if self._may_go(id) and self._activity.idle_for(id) >= timeout:
                await self._evict(id)

    async def stop(self) -> None:
        """Let nothing go any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        others = self._evicting - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)

    def _is_idle(self, id: str) -> bool:
        session = self._sessions.get(id)
        return session is not None and not session.is_terminal and not session.is_busy

    def _may_go(self, id: str) -> bool:
        """Tell whether it is idle, and will be: one that looks into its inbox may have work in a moment."""
        return self._is_idle(id) and not self._sessions[id].is_taking_inbox

    async def _evict(self, id: str) -> None:
        """Store a session and close it, unless somebody uses it meanwhile, or it cannot be stored."""
        session, use = self._sessions.get(id), self._activity.last(id)
        if session is None or not self._may_go(id):
            return
        try:
            await session.flush()
        except AgentickError:
            # What is not stored stays; `persist_failed` was told when the write failed.
            return
        if self._may_go(id) and self._activity.last(id) == use:
            self._going[id] = asyncio.Event()
            try:
                await session.close()
            finally:
                self._gone(id)

    def _gone(self, id: str) -> None:
        if id in self._going:
            self._going.pop(id).set()

    def _sweep_later(self) -> None:
        timeout = self._bounds.idle_timeout
        if timeout is None or self._timer is not None or not self._sessions:
            return
        due = timeout - max(self._activity.idle_for(id) for id in self._sessions)
        delay = min(max(due if due > 0 else timeout, SOONEST_SWEEP), LATEST_SWEEP)
        # An app that is forgotten is not kept alive by its timer.
        alive: weakref.ref[Eviction] = weakref.ref(self)
        self._timer = asyncio.get_running_loop().call_later(delay, _sweep, alive)

    def sweep_now(self) -> None:
        """Sweep without waiting, and again when the next session is due."""
        self._timer = None
        task = asyncio.create_task(self.sweep())
        self._evicting.add(task)
        task.add_done_callback(self._swept)

    def _swept(self, task: asyncio.Task[None]) -> None:
        self._evicting.discard(task)
        if not task.cancelled():
            task.result()
            self._sweep_later()


def _sweep(eviction: "weakref.ref[Eviction]") -> None:
    if (alive := eviction()) is not None:
        alive.sweep_now()

"""What all fibers of one tree share: the host, the tick, who renders now, and the reasons to render again."""

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from agentick_core.errors import StateError
from agentick_core.tree.data import DataCache
from agentick_core.tree.host import TreeHost
from agentick_core.tree.knobs import KnobRegistry
from agentick_core.tree.rendering import Rendering
from agentick_core.tree.tick_state import TickState

# Between two ticks an effect may set state for days, and only these are ever shown.
SHOWN_REASONS = 2


class TreeScope:
    """The shared part of a tree."""

    __slots__ = ("_reasons", "_thread", "data", "host", "knobs", "rendering", "tick")

    def __init__(self, host: TreeHost, data: Mapping[str, Any]) -> None:
        self.host = host
        self.data = DataCache(data)
        self.tick = TickState(ctx=host.context)
        self.rendering = Rendering()
        self.knobs = KnobRegistry()
        self._reasons: deque[str] = deque(maxlen=SHOWN_REASONS)
        self._thread = threading.get_ident()

    def check_thread(self, what: str) -> None:
        """Raise unless this is the thread that the tree lives in."""
        if threading.get_ident() != self._thread:
            raise StateError(
                f"{what} was changed from another thread than the session's",
                hint="Make the tool `async def`, or use ctx.call_soon(...).",
            )

    def request_render(self, reason: str) -> None:
        """Note that the tree must be rendered again, and tell the host."""
        if self.rendering.fiber is not None:
            self.rendering.fiber.changed_in_body = True
        self._reasons.append(reason)
        self.host.schedule(reason)

    @property
    def is_stale(self) -> bool:
        """Whether anything has asked for a render since the last one."""
        return bool(self._reasons)

    def take_reasons(self) -> tuple[str, ...]:
        """Give the last reasons since the last time, and forget them."""
        reasons = tuple(self._reasons)
        self._reasons.clear()
        return reasons

"""From the engine to the screen: events wait here for the next frame, deltas of one block joined."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from agentick_core.events.model import ContentDelta, ReasoningDelta, ToolCallDelta
from agentick_core.events.union import StreamEvent

Delta: TypeAlias = ContentDelta | ReasoningDelta | ToolCallDelta


class Bridge:
    """Takes events as they come and gives them out once a frame. No event is dropped; deltas are joined."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._ready: list[StreamEvent] = []
        self._delta: Delta | None = None
        self._parts: list[str] = []

    def push(self, event: StreamEvent) -> None:
        """Take an event; the screen is woken for the first one after a frame."""
        idle = self._delta is None and not self._ready
        if not isinstance(event, ContentDelta | ReasoningDelta | ToolCallDelta):
            self._close_delta()
            self._ready.append(event)
        elif self._goes_on(event):
            self._parts.append(event.delta)
        else:
            self._close_delta()
            self._delta, self._parts = event, [event.delta]
        if idle:
            self._wake()

    def drain(self) -> list[StreamEvent]:
        """Give everything that came since the last frame, in order."""
        self._close_delta()
        ready, self._ready = self._ready, []
        return ready

    def _goes_on(self, event: Delta) -> bool:
        """Tell whether a delta belongs to the block of the one that waits."""
        delta = self._delta
        return (
            type(delta) is type(event)
            and delta is not None
            and delta.block_index == event.block_index
            and delta.execution_id == event.execution_id
            and delta.tick == event.tick
            and delta.spawn_path == event.spawn_path
        )

    def _close_delta(self) -> None:
        delta, self._delta = self._delta, None
        if delta is not None:
            joined = delta if len(self._parts) == 1 else replace(delta, delta="".join(self._parts))
            self._ready.append(joined)

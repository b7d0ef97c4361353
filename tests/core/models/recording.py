"""An emitter that keeps what was published, and how events are named shortly in tests."""

from collections.abc import Iterable

from agentick_core.events.base import Stamp
from agentick_core.events.union import StreamEvent
from agentick_core.messages.message import Message
from agentick_core.models.accumulate import Accumulator
from agentick_core.models.deltas import ModelDelta


class RecordingEmitter:
    """Counts sequence numbers, and lets one second pass at each stamp."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self._sequence = 0

    def stamp(self) -> Stamp:
        self._sequence += 1
        return Stamp(
            id=f"e:{self._sequence}",
            sequence=self._sequence,
            tick=3,
            time=float(self._sequence),
            execution_id="e",
        )

    def publish(self, event: StreamEvent) -> None:
        assert event.sequence == self._sequence, "a stamp is used at once"
        self.events.append(event)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


def accumulate(deltas: Iterable[ModelDelta]) -> Message:
    accumulator = Accumulator(RecordingEmitter())
    for delta in deltas:
        accumulator.add(delta)
    return accumulator.finish()

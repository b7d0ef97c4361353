"""What every stream event carries."""

from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict

from agentick_core.clock import isoformat


class Stamp(TypedDict):
    """The fields that an emitter gives to an event: `Event(**emitter.stamp(), ...)`."""

    id: str
    sequence: int
    tick: int
    time: float
    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEventBase:
    """The base of every stream event.

    `sequence` counts the events of a session from 1; `id` is `<execution>:<sequence>` where the event was made
    and stays the same where it is forwarded; `time` is in seconds since 1970; `spawn_path` lists the ids of the
    spawns that the event has passed, outermost first.
    """

    type: ClassVar[str]
    id: str = ""
    sequence: int = 0
    tick: int = 0
    time: float = 0.0
    execution_id: str = ""
    spawn_path: tuple[str, ...] = ()
    raw: Any = None

    @property
    def timestamp(self) -> str:
        """The time as ISO 8601 in UTC."""
        return isoformat(self.time)

"""Entries, messages and snapshots for the tests of stores."""

from collections.abc import Sequence

from agentick_core.messages.message import AssistantMessage, UserMessage
from agentick_core.messages.snapshot import QueuedMessage, SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def new_id(self) -> str:
        return "id"


def entry(number: int, text: str | None = None) -> TimelineEntry:
    """Give an entry: the user speaks where the number is even, the model where it is odd."""
    says = UserMessage if number % 2 == 0 else AssistantMessage
    message = says(text or f"text {number}", id=f"m{number}")
    return TimelineEntry(f"e{number}", message, created_at=1000.0 + number, execution_id="x1")


def entries(count: int) -> tuple[TimelineEntry, ...]:
    """Give the first entries."""
    return tuple(entry(number) for number in range(count))


def waiting(name: str, text: str = "later") -> QueuedMessage:
    """Give a message that waits."""
    return QueuedMessage(UserMessage(text, id=name))


def snapshot(
    timeline: Sequence[TimelineEntry] = (), session_id: str = "s", **fields: object
) -> SessionSnapshot:
    """Give a snapshot with this timeline."""
    values: dict[str, object] = {"created_at": 1.25, "timestamp": 2500, **fields}
    return SessionSnapshot(session_id=session_id, timeline=tuple(timeline), **values)  # pyright: ignore[reportArgumentType]  # any field

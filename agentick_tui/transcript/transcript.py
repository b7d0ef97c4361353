"""The transcript of a session: the engine's events and the stored entries go in, blocks come out."""

from collections.abc import Iterable

from agentick_core.events.union import StreamEvent
from agentick_core.messages.timeline import TimelineEntry
from agentick_tui.transcript.items import ItemList
from agentick_tui.transcript.reduce import Reducer


class Transcript(ItemList):
    """The blocks of a conversation. `apply` takes the engine's events; `add` puts in the application's own blocks."""

    def __init__(self) -> None:
        super().__init__()
        self._reducer = Reducer(self)

    def apply(self, event: StreamEvent) -> None:
        """Let one event of the engine change the blocks."""
        self._reducer.apply(event)

    def load(self, entries: Iterable[TimelineEntry]) -> None:
        """Put in the blocks of stored entries, as the events that led to them had done."""
        self._reducer.load(entries)

    def clear(self) -> None:
        """Empty the view; what the engine goes on with appears anew."""
        super().clear()
        self._reducer = Reducer(self)


def load_entries(entries: Iterable[TimelineEntry]) -> Transcript:
    """Make the transcript of a stored timeline."""
    transcript = Transcript()
    transcript.load(entries)
    return transcript

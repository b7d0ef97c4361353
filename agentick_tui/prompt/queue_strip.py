"""What waits to be sent: a line for each of the first messages, above the prompt."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from agentick_tui.sanitize import shown

LINES = 3
# On a screen with fewer rows only the first message is shown.
LOW = 16


class QueueStrip(Widget):
    """Shows up to three queued messages and how many more there are; hidden while nothing waits."""

    can_focus = False

    def __init__(self, *, id: str | None = "queue-strip") -> None:
        super().__init__(id=id)
        self._messages: tuple[str, ...] = ()
        self._paused = False
        self._folded = False
        self.display = False

    def show(self, messages: Sequence[str], *, paused: bool = False, folded: bool = False) -> None:
        """Show what waits. `folded` keeps it to one line, when something else needs the room."""
        new = tuple(messages), paused, folded
        if new == (self._messages, self._paused, self._folded):
            return
        self._messages = new[0]
        self._paused = paused
        self._folded = folded
        self.display = bool(messages)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give a line for each row."""
        return len(self._rows())

    def render(self) -> Content:
        """Draw a line for each message, cut to the width."""
        room = max(1, self.content_size.width)
        return Content("\n").join(row.truncate(room, ellipsis=True) for row in self._rows())

    def _rows(self) -> list[Content]:
        count = len(self._messages)
        if self._folded:
            return [Content.styled(f"{'‖' if self._paused else '↳'} {count} queued", "$text-muted")]
        room = LINES if self.screen.size.height >= LOW else 1
        rows = [
            Content.assemble(self._mark(), (shown(" ".join(text.split())), "$foreground"))
            for text in self._messages[:room]
        ]
        if count > room:
            rows.append(Content.styled(f"  … {count - room} more", "$text-muted"))
        return rows

    def _mark(self) -> tuple[str, str]:
        return ("‖ paused  ", "$text-warning") if self._paused else ("↳ queued  ", "$text-muted")

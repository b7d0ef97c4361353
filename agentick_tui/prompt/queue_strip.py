"""What was steered and not taken yet, and what waits to be sent: a line for each of the first, above the prompt."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from agentick_tui.sanitize import shown

LINES = 3
# On a screen with fewer rows only the first message is shown.
LOW = 16
_STEERED = ("→ steered, next tick  ", "$text-accent")
_QUEUED = ("↳ queued  ", "$text-muted")
_PAUSED = ("‖ paused  ", "$text-warning")


class QueueStrip(Widget):
    """Shows up to three messages that wait and how many more there are; hidden while nothing waits."""

    can_focus = False

    def __init__(self, *, id: str | None = "queue-strip") -> None:
        super().__init__(id=id)
        self._messages: tuple[str, ...] = ()
        self._steered: tuple[str, ...] = ()
        self._paused = False
        self._folded = False
        self.display = False

    def show(
        self,
        messages: Sequence[str],
        *,
        steered: Sequence[str] = (),
        paused: bool = False,
        folded: bool = False,
    ) -> None:
        """Show what waits: `steered` for the next tick, the others for the end of the answer. `folded` keeps it to
        one line, when something else needs the room."""
        new = tuple(messages), tuple(steered), paused, folded
        if new == (self._messages, self._steered, self._paused, self._folded):
            return
        self._messages, self._steered = new[0], new[1]
        self._paused, self._folded = paused, folded
        self.display = bool(messages or steered)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give a line for each row."""
        return len(self._rows())

    def render(self) -> Content:
        """Draw a line for each message, cut to the width."""
        room = max(1, self.content_size.width)
        return Content("\n").join(row.truncate(room, ellipsis=True) for row in self._rows())

    def _rows(self) -> list[Content]:
        if self._folded:
            return [Content.styled(f"{'‖' if self._paused else '↳'} {self._counts()}", "$text-muted")]
        room = LINES if self.screen.size.height >= LOW else 1
        waiting = [(_STEERED, text) for text in self._steered]
        waiting += [(_PAUSED if self._paused else _QUEUED, text) for text in self._messages]
        rows = [
            Content.assemble(mark, (shown(" ".join(text.split())), "$foreground"))
            for mark, text in waiting[:room]
        ]
        if len(waiting) > room:
            rows.append(Content.styled(f"  … {len(waiting) - room} more", "$text-muted"))
        return rows

    def _counts(self) -> str:
        counts = ((len(self._steered), "steered"), (len(self._messages), "queued"))
        return ", ".join(f"{count} {word}" for count, word in counts if count)

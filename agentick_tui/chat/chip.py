"""The line between transcript and prompt; at its right end the chip: how much is new below, and the way there."""

from textual.content import Content
from textual.widget import Widget


class Chip(Widget):
    """A thin line. Where the end is out of view, it says how many blocks are new; a click goes there."""

    can_focus = False

    def __init__(self, *, id: str | None = "chip") -> None:
        super().__init__(id=id)
        self._label = ""

    def show(self, count: int, *, at_end: bool) -> None:
        """Say how many blocks are new, unless all of them are in view."""
        self._label = "" if at_end else f" ↓ {count} new · Ctrl+End " if count else " ↓ Ctrl+End "
        self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        room = self.size.width - len(self._label) - (2 if self._label else 0)
        line = Content.styled("─" * max(0, room), "$border")
        return line + Content.assemble(
            (self._label, "bold $text-accent"), ("──" if self._label else "", "$border")
        )

    async def on_click(self) -> None:
        """Go to the end."""
        if self._label:
            await self.run_action("app.scroll_end")

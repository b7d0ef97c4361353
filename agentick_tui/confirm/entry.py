"""The line in which a reason is typed, and the editor in which arguments are changed."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from agentick_tui.prompt.emacs import EmacsArea


class EntryArea(EmacsArea):
    """An emacs editor in which Enter hands over the text and Esc leaves."""

    @dataclass
    class Entered(Message):
        """Enter was pressed."""

        text: str

    @dataclass
    class Left(Message):
        """Esc was pressed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False

    def begin(self, text: str, *, lines: int) -> None:
        """Start with this text, the cursor behind it; grow to so many lines."""
        self.max_lines = lines
        self.load_text(text)
        self.to_end()

    def line_limit(self) -> int:
        """Grow as tall as the question leaves room for."""
        return max(3, self.screen.size.height - 12)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "escape", "tab"):
            event.stop()
            event.prevent_default()
            self._leave(event.key)
            return
        if self.max_lines == 1 and event.key in ("ctrl+j", "shift+enter"):
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def _leave(self, key: str) -> None:
        if key == "enter":
            self.post_message(self.Entered(self.text))
        elif key == "escape":
            self.post_message(self.Left())

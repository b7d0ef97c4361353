"""The line in which a reason is typed, and the editor in which arguments are changed."""

from collections.abc import Callable

from textual import events

from agentick_tui.prompt.emacs import EmacsArea


class EntryArea(EmacsArea):
    """An emacs editor in which Enter hands the text to `entered`, and Esc calls `left`.

    Both are called at once: the next key is no longer meant for this line.
    """

    def __init__(
        self, *, entered: Callable[[str], None], left: Callable[[], None], id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._entered = entered
        self._left = left
        self.display = False

    def begin(self, text: str, *, lines: int) -> None:
        """Start with this text, the cursor behind it; grow to so many lines."""
        self.max_lines = lines
        self.load_text(text)
        self.to_end()

    def line_limit(self) -> int:
        """Grow as tall as the question leaves room for."""
        return max(3, self.screen.size.height - 12)

    def hear_key(self, event: events.Key) -> bool:
        """Leave, or type; a single line has no second one."""
        match event.key:
            case "enter":
                self._entered(self.text)
            case "escape":
                self._left()
            case "tab":
                pass
            case "ctrl+j" | "shift+enter" if self.max_lines == 1:
                pass
            case _:
                return super().hear_key(event)
        return True

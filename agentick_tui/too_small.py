"""What stands on a screen with too little room: which size is needed; the session goes on behind it."""

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.widget import Widget

SMALLEST = Size(40, 12)


class TooSmall(Static):
    """Takes the place of the chat while the screen is too small."""

    def __init__(self) -> None:
        super().__init__(id="too-small", markup=False)
        self._focused: Widget | None = None

    def fit(self, size: Size) -> None:
        """Come or go, as the size of the screen asks for."""
        small = size.width < SMALLEST.width or size.height < SMALLEST.height
        self.update(f"agentick needs {SMALLEST.width}x{SMALLEST.height}, this is {size.width}x{size.height}")
        # What is hidden loses the focus, so that no key answers what cannot be seen.
        if small and self._focused is None:
            self._focused = self.screen.focused
        elif not small and self._focused is not None:
            self.call_after_refresh(self._focused.focus)
            self._focused = None
        self.screen.set_class(small, "-too-small")

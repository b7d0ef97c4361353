"""The screen that sends the terminal only the cells that have changed.

Of a line with one changed cell Textual sends all that is before it, too.
"""

from typing import Any

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.screen import Screen
from textual.widget import Widget

MOVE = "\x1b[{};{}H"


class ChatScreen(Screen[Any]):
    """A screen like any other, drawn with fewer bytes."""

    def __init__(self) -> None:
        super().__init__()
        # A screen makes its own, and offers no other way to have another.
        self._compositor = ChangesCompositor()

    def draw_now(self, *parts: Widget) -> None:
        """Draw these, and forget what else was to be drawn; whoever does that has everything drawn anew soon."""
        compositor = self._compositor
        for widget in compositor.visible_widgets:
            widget._exchange_repaint_regions()  # pyright: ignore[reportPrivateUsage]  # there is no public way to forget
        compositor._dirty_regions.clear()  # pyright: ignore[reportPrivateUsage]  # as above
        for part in parts:
            part.refresh()
        compositor.update_widgets({*parts})
        self._compositor_refresh()


class ChangesCompositor(Compositor):
    """Composes as Textual does."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Draw what has changed since the last time."""
        update = super().render_partial_update()
        return None if update is None else Changes(update.chops, update.spans, update.chop_ends)


class Changes(ChopsUpdate):
    """Parts of lines that have changed."""

    def render_segments(self, console: Console) -> str:
        """Give what is to be written to the terminal."""
        return "".join(
            [
                MOVE.format(y + 1, max(x, first) + 1)
                + strip.crop(max(0, first - x), min(end, last) - x).render(console)
                for y, first, last in self.spans
                for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=True)
                if strip is not None and x < last and end > first
            ]
        )

"""The terminal's own cursor, shown at the caret instead of a block drawn in software."""

from typing import Any

from textual.app import App
from textual.geometry import Offset
from textual.widget import Widget

SHOW_CURSOR = "\x1b[?25h"
HIDE_CURSOR = "\x1b[?25l"


def show_caret(widget: Widget) -> None:
    """Show the terminal's cursor; Textual hides it at each start and ends each frame at the caret."""
    _write(widget, SHOW_CURSOR)


def hide_caret(widget: Widget) -> None:
    """Hide the terminal's cursor, where what it belongs to is covered."""
    _write(widget, HIDE_CURSOR)


def place_caret(widget: Widget, offset: Offset) -> None:
    """Have the frame that is being drawn end with the cursor there."""
    _app_of(widget).cursor_position = offset


def _write(widget: Widget, sequence: str) -> None:
    app = _app_of(widget)
    driver = app._driver  # pyright: ignore[reportPrivateUsage]  # there is no public way to the terminal
    if driver is not None and not app.is_headless:
        driver.write(sequence)


def _app_of(widget: Widget) -> App[Any]:
    return widget.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # Textual leaves it open

"""The status bar: it draws when what it says changes, and once a second while something runs."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from agentick_tui.keymap import hints
from agentick_tui.status.parts import Status, status_line

if TYPE_CHECKING:
    from textual.timer import Timer


class StatusBar(Widget):
    """One line: keys on the left; model, tokens, context, tick, queue and state on the right."""

    can_focus = False

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, id: str | None = "status") -> None:
        super().__init__(id=id)
        self._clock = clock
        self._status = Status()
        self._drawn = Content("")
        self._timer: Timer | None = None

    @property
    def status(self) -> Status:
        """What the bar says."""
        return self._status

    def show(self, status: Status) -> None:
        """Say something else; the same again draws nothing."""
        if status == self._status:
            return
        self._status = status
        self.tick()
        self._run_clock(running=status.since is not None)

    def _run_clock(self, *, running: bool) -> None:
        if running and self._timer is None and self.is_mounted:
            self._timer = self.set_interval(1.0, self.tick)
        elif not running and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def on_mount(self) -> None:
        """Start the seconds where something runs already."""
        self._run_clock(running=self._status.since is not None)

    def tick(self) -> None:
        """Draw again if the seconds have changed."""
        if not self._line().is_same(self._drawn):
            self.refresh()

    def _line(self) -> Content:
        return status_line(self._status, hints(self._status.state), self.content_size.width, self._clock())

    def render(self) -> Content:
        """Draw the line."""
        self._drawn = self._line()
        return self._drawn

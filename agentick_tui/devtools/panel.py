"""The DevTools panel: two live tabs, at the right or over the whole of a narrow screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agentick_tui.devtools.fields import field_lines
from agentick_tui.lines import LinesView
from agentick_tui.prompt.caret import hide_caret, show_caret

NARROW = 80


class Tab(Enum):
    """What the panel can show."""

    SCHEDULER = "Scheduler"
    INSPECT = "Inspect"


# The keys, in fewer words where there is less room.
HINTS = ("Alt+T next tab  F12 close", "Alt+T  F12 close", "F12 close")
NO_STATE = "Nothing is mounted yet: the first message mounts the agent."


class DevToolsPanel(Vertical):
    """Shows the scheduler's state and the session's inspection as they come; draws nothing while it is closed."""

    @dataclass
    class Toggled(Message):
        """The panel was opened or closed: start or stop feeding it."""

        open: bool

    def __init__(self, *, id: str | None = "devtools") -> None:
        super().__init__(id=id)
        self.display = False
        self._tab = Tab.SCHEDULER
        self._scheduler: object = None
        self._inspection: object = None
        self._drawn: tuple[Tab, object, object] | None = None
        self._head = Static(id="devtools-head", markup=False)
        self._lines = LinesView(id="devtools-lines")

    def compose(self) -> ComposeResult:
        """Build the row of tabs and the lines."""
        yield self._head
        yield self._lines

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.display

    def toggle(self) -> None:
        """Open or close it."""
        self.display = not self.display
        self._drawn = None
        self._draw()
        self.post_message(self.Toggled(self.display))

    def next_tab(self) -> None:
        """Show the next tab."""
        order = list(Tab)
        self._tab = order[(order.index(self._tab) + 1) % len(order)]
        self._lines.scroll_home(animate=False)
        self._draw()

    def scroll_page(self, step: int) -> None:
        """Scroll a page up (-1) or down (1)."""
        self._lines.scroll_relative(y=step * max(1, self._lines.size.height - 1), animate=False)

    def update(self, scheduler_state: object, inspection: object) -> None:
        """Take new values: frozen dataclasses, or mappings; drawn only when open and different."""
        self._scheduler, self._inspection = scheduler_state, inspection
        self._draw()

    def on_resize(self) -> None:
        """Write the tabs for the new width; where the prompt is covered, so is its cursor."""
        self._head.update(self._tabs())
        if self.size.width == self.screen.size.width:
            hide_caret(self)
        else:
            show_caret(self)

    def on_hide(self) -> None:
        """Give the prompt its cursor back."""
        show_caret(self)

    def on_click(self, event: events.Click) -> None:
        """Switch to the tab that was clicked."""
        if event.widget is self._head:
            self.next_tab()

    def _draw(self) -> None:
        shown = self._tab, self._scheduler, self._inspection
        if not self.display or self._drawn == shown:
            return
        self._drawn = shown
        self._head.update(self._tabs())
        self._lines.show(self._content())

    def _tabs(self) -> Content:
        tabs = [
            Content.styled(f"[{tab.value}]", "bold $text-accent")
            if tab is self._tab
            else Content.styled(f" {tab.value} ", "$text-muted")
            for tab in Tab
        ]
        line = Content(" ").join(tabs)
        width = max(0, self.size.width - 3)
        for words in HINTS:
            if line.cell_length + len(words) + 2 <= width:
                room = width - line.cell_length - len(words)
                return Content.assemble(line, " " * room, (words, "$text-muted"))
        return line

    def _content(self) -> Sequence[Content]:
        value = self._scheduler if self._tab is Tab.SCHEDULER else self._inspection
        if value is None:
            return (Content.styled(NO_STATE, "$text-muted"),)
        return tuple(field_lines(value))

"""The transcript on the screen: a line-API view that draws what is visible and repaints what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from agentick_tui.chat.looks import looks_of
from agentick_tui.chat.painting import Line, differences, line_key, mark_lines, with_marks, with_selection
from agentick_tui.chat.rows import BLANK, Row
from agentick_tui.chat.scrolling import scrolled
from agentick_tui.chat.welcome import Welcome, welcome_rows
from agentick_tui.theme import Palette
from agentick_tui.transcript.items import Item, ItemList, next_item

if TYPE_CHECKING:
    from textual.timer import Timer

    from agentick_tui.chat.document import Document, Place

# Guessed heights are made exact in slices of this many seconds, so seldom that typing does not feel them.
SLICE = 0.004
SLICE_EVERY = 0.04
# No slice runs while answers arrive.
QUIET = 0.15
# A jump further than this many screens does not go line by line.
NEAR_SCREENS = 3


class TranscriptView(ScrollView, can_focus=False):
    """Shows a `Transcript`: `show` one, call `changed` once a frame after events were applied.

    It stays at the end until the reader scrolls up; then nothing that is being read moves. `cursor` is the block
    that keys are about, None while they go to the prompt; `clock` gives the seconds since 1970.
    """

    DEFAULT_CSS = """
    TranscriptView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 0;
        width: 1fr;
        height: 1fr;
    }
    """

    @dataclass
    class NewBelow(Message):
        """The end went out of view, came back into it, or `count` blocks are new below."""

        count: int
        at_end: bool

    def __init__(
        self,
        transcript: ItemList | None = None,
        palette: Palette | None = None,
        *,
        clock: Callable[[], float] = time,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._transcript = transcript or ItemList()
        self._looks = looks_of(palette or Palette(name="default"))
        self._document: Document | None = None
        self._place: Place | None = None
        self._following = self._at_end = True
        self._seen = 0
        self._told = (0, True)
        self._lines: list[Line] = []
        self._strips: dict[Row, Strip] = {}
        self._pressed: tuple[int, int] | None = None
        self._changed_at = 0.0
        self._idle: Timer | None = None
        self._clock = clock
        self._seconds: Timer | None = None
        self._welcome: Welcome | None = None
        self.cursor: Item | None = None

    @property
    def transcript(self) -> ItemList:
        """What is shown."""
        return self._transcript

    @property
    def following(self) -> bool:
        """Whether the view stays at the end."""
        return self._following

    def show(self, transcript: ItemList, welcome: Welcome | None = None) -> None:
        """Show another transcript, at its end; `welcome` as long as nothing is said in it."""
        self._transcript = transcript
        self._welcome = welcome
        self.cursor = None
        self._document = None
        self._following = True
        self._open()

    def changed(self, *, read: bool = False) -> None:
        """Take over what events, or the reader, have changed: once a frame."""
        if self._document is None:
            self._make_document()
        elif not self._document.sync():
            return
        self._changed_at = monotonic()
        self._arrange(read=read)
        if self._seconds is not None and self._document is not None:
            self._seconds.resume()

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._looks = looks_of(palette)
        if self._document is not None:
            self._document.resize(self._document.width, self._looks)
        self._strips.clear()
        self._lines = []
        self._arrange()

    def jump_to_end(self) -> None:
        """Go to the end, and stay there."""
        self._following = True
        self._arrange()

    def move_cursor(self, step: int) -> None:
        """Move the block cursor up (-1) or down (1) and into view; it begins at the last block that is in view,
        and goes back to the prompt below the last of all."""
        if self.cursor is None:
            seen = (self._at(y) for y in reversed(range(len(self._lines))))
            self.cursor = next((found[0] for found in seen if found), None) if step < 0 else None
        else:
            self.cursor = next_item(self._transcript.items, self.cursor, step)
        self.reveal(self.cursor)

    def leave_cursor(self) -> None:
        """Take the block cursor away; nothing scrolls."""
        self.cursor = None
        self._arrange(read=True)

    def toggle(self, item: Item) -> None:
        """Fold or unfold a block; the lines above it stay where they are."""
        self._following = False
        self._transcript.fold(item)
        self.changed(read=True)

    def fold_all(self) -> None:
        """Fold every block, or open them all where all are folded."""
        items = [item for item in self._transcript.items if item.block.foldable]
        folded = any(not item.folded for item in items)
        for item in items:
            self._transcript.fold(item, folded)
        self.changed(read=True)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the selected text: see `selected_text`."""
        if self._document is None:
            return None
        from agentick_tui.chat.selection import selected_text

        return selected_text(self._document, selection), "\n"

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the reader: our own scrolling does not come by here, what a new size does to it is no reading."""
        document, place = self._document, self._place
        if document is None or place is None or len(self._lines) != self.size.height:
            return
        y = round(new_value)
        lines = y - document.top(place)
        if not lines:
            return
        self._following = False
        if y <= 0 or abs(lines) > NEAR_SCREENS * self.size.height:
            self._place = document.at(y)
        else:
            self._place = document.walk(place, lines)
        self._arrange(read=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines. Textual's own way would make each anew that has scrolled; here a row is drawn once."""
        selection, ground = self.text_selection, self.background_colors[1]
        lines = [self._line(y) for y in crop.line_range]
        strips = [with_selection(self._drawn(line), line, selection, self._looks) for line in lines]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, ground) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Draw one line, for whoever asks what is selected by it."""
        line = self._line(y)
        return self._drawn(line).apply_offsets(0, line.key)

    def _line(self, y: int) -> Line:
        beyond = Line(line_key(len(self._transcript.items), 0), BLANK)
        return self._lines[y] if y < len(self._lines) else beyond

    def _drawn(self, line: Line) -> Strip:
        strip = self._strips.get(line.row)
        if strip is None:
            drawn = Strip(line.row.segments).adjust_cell_length(self.size.width)
            strip = self._strips[line.row] = drawn.apply_style(self._looks.ground)
        return with_marks(strip, line, self._looks)

    def on_mount(self) -> None:
        """Begin to work when idle, and to count the seconds of what runs."""
        self._idle = self.set_interval(SLICE_EVERY, self._settle_slice, pause=True)
        self._seconds = self.set_interval(1.0, self.count_seconds, pause=True)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another size; the place that is read stays in view."""
        width = event.size.width
        document = self._document
        if document is None:
            self._open()
            return
        if document.width != width:
            mark = document.mark(self._place) if self._place and not self._following else None
            document.resize(width, self._looks)
            self._place = document.find(mark) if mark else self._place
            self._strips.clear()
            self.screen.clear_selection()
        self._lines = []
        self._arrange()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remember where a click began: a drag selects."""
        self._pressed = (event.x, event.y)

    def on_click(self, event: events.Click) -> None:
        """Fold or unfold what was clicked, by its first row or by the row that counts what is missing."""
        found = self._at(event.y)
        if found is None or self._pressed != (event.x, event.y):
            return
        item, row = found
        if item.block.foldable and (row.gutter == 2 * item.depth + 3 or "… " in row.drawn):
            self.toggle(item)

    def _scroll_to(self, *args: Any, **kwargs: Any) -> bool:
        """Never animate: a place that moves by itself cannot be kept."""
        return super()._scroll_to(*args, **(kwargs | {"animate": False}))

    def _open(self) -> None:
        """Lay out what is visible of a transcript that was not shown before."""
        if not self.size.width:
            return
        self._place = None
        self._lines = []
        self._strips.clear()
        self._make_document()
        self._arrange()
        self.refresh()

    def _make_document(self) -> None:
        if self._transcript.items and self.size.width:
            # What lays blocks out comes with the first of them, after the first picture.
            from agentick_tui.chat.document import Document

            self._document = Document(self._transcript, self.size.width, self._looks)

    def _arrange(self, *, read: bool = False) -> None:
        """Bring scrolling and screen to what the document is now. `read`: the reader did it, and who comes to the
        end so stays there; whom the end only meets, as the screen grew, is not carried off by what comes next."""
        document = self._document
        height = self.size.height
        if not height:
            return
        if document is None:
            self._at_end = True
            self._scroll(0, 0)
            self._show_lines(self._below(height))
            self._tell()
            return
        if self.cursor is not None and not document.holds(self.cursor):
            self.cursor = None
        end = document.end(height)
        if end is None:
            self._place, self._following = None, True
        elif self._following or self._place is None:
            self._place = end
        else:
            document.settle(self._place, height)
            if document.top(self._place) >= document.top(end):
                self._place, self._following = end, read and self.cursor is None
        self._at_end = self._place in (None, end)
        self._scroll_document(document)
        self._paint(document)
        document.forget()
        self._tell()
        if self._idle is not None:
            self._idle.resume()

    def reveal(self, item: Item | None) -> None:
        """Bring a block into view, its beginning first."""
        document = self._document
        if document is not None and item is not None and self._place is not None:
            from agentick_tui.chat.document import Place

            self._following = False
            index, height = document.index_of(item), self.size.height
            size = document.size_of(index)
            top, seen = document.place_of(index), document.top(self._place)
            if top < seen or size > height:
                self._place = Place(item, 0)
            elif top + size > seen + height:
                self._place = document.walk(Place(item, size - 1), 1 - height)
        self._arrange(read=True)

    def _scroll_document(self, document: "Document") -> None:
        self._scroll(document.height, document.top(self._place) if self._place else 0)

    def _scroll(self, height: int, y: float) -> None:
        """Set size and place without the layout of the whole screen that Textual would begin."""
        size, y = Size(self.size.width, height), float(y)
        reactives = cast("Any", Widget)
        self.set_reactive(reactives.virtual_size, size)
        self.set_reactive(reactives.scroll_y, y)
        self.set_reactive(reactives.scroll_target_y, y)

    def _paint(self, document: "Document") -> None:
        """Paint what the document has in view."""
        y, height = round(self.scroll_y), self.size.height
        marked = self._mark_lines(document)
        chosen = document.index_of(self.cursor) if self.cursor is not None else -1
        lines = [
            Line(line_key(index, row), drawn, number in marked, index == chosen and bool(drawn.segments))
            for number, (index, row, drawn) in enumerate(document.rows(y, height))
        ]
        self._show_lines([*lines, *self._below(height - len(lines))])

    def _show_lines(self, lines: list[Line]) -> None:
        """Refresh those cells of the screen that are not the same any more."""
        before, self._lines = scrolled(self, self._lines, lines), lines
        kept = ((line.row, self._strips.get(line.row)) for line in lines)
        self._strips = {row: strip for row, strip in kept if strip is not None}
        if regions := differences(before, lines, self.size.width):
            self.refresh(*regions)

    def _below(self, room: int) -> list[Line]:
        """Fill what is left of the screen: with the welcome, as long as nothing was said."""
        rows, items = [BLANK] * room, self._transcript.items
        if self._welcome is not None and all(item.block.aside for item in items):
            rows = welcome_rows(self._welcome, self.size.width, room, self._looks)
        return [Line(line_key(len(items), 0), row) for row in rows]

    def count_seconds(self) -> None:
        """Write how long the running ones have taken; rest when none runs."""
        from agentick_tui.transcript.elapsed import note_elapsed

        if not note_elapsed(self._transcript, self._clock()) and self._seconds is not None:
            self._seconds.pause()
        self.changed()

    def _mark_lines(self, document: "Document") -> range:
        """Give the lines of the scroll mark; at the end there is none."""
        if self._following:
            return range(0)
        return mark_lines(round(self.scroll_y), self.size.height, document.height)

    def _tell(self) -> None:
        """Say when the end went out of view or came into it, and what is new below."""
        if self._at_end:
            self._seen = len(self._transcript.items)
        now = (max(0, len(self._transcript.items) - self._seen), self._at_end)
        if now != self._told:
            self._told = now
            self.post_message(self.NewBelow(*now))

    def _settle_slice(self) -> None:
        """Make some guessed heights exact while nothing else is to be done."""
        document = self._document
        if document is None or self._idle is None:
            return
        if monotonic() - self._changed_at < QUIET:
            return
        near = document.index_of(self._place.item) if self._place else 0
        until = monotonic() + SLICE
        while document.settle_one(near):
            if monotonic() >= until:
                break
        else:
            self._idle.pause()
        self._scroll_document(document)
        self._paint(document)

    def _at(self, y: int) -> tuple[Item, Row] | None:
        document = self._document
        if document is None or not 0 <= y < len(self._lines):
            return None
        index = self._lines[y].key // line_key(1, 0)
        return (document.item(index), self._lines[y].row) if index < document.count else None

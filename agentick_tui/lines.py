"""A scrolling view of lines that are ready to be drawn: one widget, however many lines."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

# What a wrapped line is continued with, so that no text can pass for a line of its own.
CONTINUATION = "  ↪ "


class LinesView(ScrollView):
    """Wraps and draws lines of content; what is too long goes on behind a mark. It never takes the focus."""

    DEFAULT_CSS = """
    LinesView {
        overflow-x: hidden;
    }
    """

    can_focus = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Content, ...] = ()
        self._wrapped: list[Content] = []
        self._wrapped_at = 0

    def show(self, lines: Sequence[Content]) -> None:
        """Show these lines instead of those before; the place where the reader is stays."""
        self._lines = tuple(lines)
        self._wrapped_at = 0
        self._wrap(self.scrollable_content_region.width or self.size.width)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give as many rows as all lines need."""
        self._wrap(width)
        return len(self._wrapped)

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._wrap(self.scrollable_content_region.width)

    def _wrap(self, width: int) -> None:
        if width > 0 and width != self._wrapped_at:
            self._wrapped_at = width
            self._wrapped = [row for line in self._lines for row in _rows(line, width)]
            self.virtual_size = Size(width, len(self._wrapped))

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        row = self.scroll_offset.y + y
        width = self.size.width
        if row >= len(self._wrapped):
            return Strip.blank(width, self.rich_style)
        content = self._wrapped[row]
        strip = Strip(content.render_segments(self.visual_style), content.cell_length)
        return strip.adjust_cell_length(width, self.rich_style)


def _rows(line: Content, width: int) -> list[Content]:
    if line.cell_length <= width:
        return [line]
    mark = Content.styled(CONTINUATION, "$text-muted")
    end = _fitting(line.plain, 0, width)
    rows = [line[:end]]
    while end < len(line):
        start, end = end, _fitting(line.plain, end, max(2, width - len(CONTINUATION)))
        rows.append(mark + line[start:end])
    return rows


def _fitting(text: str, start: int, width: int) -> int:
    """Give where a row ends that begins at `start`: behind a blank where that leaves it more than half full. No
    character is left out, for what is agreed to must be seen."""
    end = min(len(text), start + width)
    while cell_len(text[start:end]) > width:
        end -= 1
    end = max(start + 1, end)
    blank = text.rfind(" ", start, end) + 1
    return blank if end < len(text) and blank - start > width // 2 else end

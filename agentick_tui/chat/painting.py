"""Lines as they are painted: what stands in one, and which cells of it are not the same any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip

from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import Row

# Selections count lines by item and row in it, so that they stay where they are when heights above them change.
LINE_ROWS = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the screen: which one it is, whether the scroll mark or the block cursor stands in it."""

    key: int
    row: Row
    marked: bool = False
    chosen: bool = False


def line_key(index: int, row: int) -> int:
    """Give the number of a line as selections count it."""
    return index * LINE_ROWS + row


def with_marks(strip: Strip, line: Line, looks: Looks) -> Strip:
    """Draw the block cursor before a line, and the scroll mark behind it."""
    width = strip.cell_length
    if line.chosen:
        bar = Segment("▌", looks.ground + looks.accent)
        strip = Strip([bar, *strip.crop(1, width)], width)
    if line.marked:
        mark = Segment("▐", looks.ground + looks.faint)
        strip = Strip([*strip.crop(0, width - 1), mark], width)
    return strip


def with_selection(strip: Strip, line: Line, selection: Selection | None, looks: Looks) -> Strip:
    """Draw what is selected of a line."""
    span = selection.get_span(line.key) if selection is not None else None
    return strip if span is None else _highlight(strip, line.row, span, looks.selected)


def _highlight(strip: Strip, row: Row, span: tuple[int, int], style: Style) -> Strip:
    """Draw the selected characters of a row in a style; gutter and padding are never selected."""
    text = row.drawn
    end = len(text.rstrip()) if row.end is None else row.end
    start = max(span[0], row.gutter)
    stop = end if span[1] < 0 else min(span[1], end)
    if start >= stop:
        return strip
    left, right = cell_len(text[:start]), cell_len(text[:stop])
    marked = Strip(Segment.apply_style(strip.crop(left, right), post_style=style), right - left)
    return Strip.join([strip.crop(0, left), marked, strip.crop(right)])


def mark_lines(y: int, height: int, total: int) -> range:
    """Give the lines of a view in which the scroll mark stands: the view is `height` of `total` lines, from `y` on."""
    if total <= height:
        return range(0)
    size = max(1, height * height // total)
    first = min(height - size, y * (height - size) // max(1, total - height))
    return range(first, first + size)


def differences(before: Sequence[Line | None], after: Sequence[Line], width: int) -> list[Region]:
    """Give the cells that are not the same any more."""
    regions: list[Region] = []
    for number, line in enumerate(after):
        old = before[number] if number < len(before) else None
        if old is None or line.row is not old.row or line.marked != old.marked or line.chosen != old.chosen:
            region = _difference(old, line, number, width)
            if region:
                regions.append(region)
    return regions


def _difference(old: Line | None, new: Line, y: int, width: int) -> Region | None:
    """Give the cells in which two lines differ."""
    if old is None:
        return Region(0, y, width, 1)
    start = _common(old.row, new.row)
    stop = width if old.marked or new.marked else max(_cells(old.row), _cells(new.row))
    if (old.marked, old.chosen) == (new.marked, new.chosen) and old.row.segments == new.row.segments:
        return None
    start = 0 if old.chosen != new.chosen else min(start, width - 1)
    return Region(start, y, max(1, min(stop, width) - start), 1)


def _common(old: Row, new: Row) -> int:
    """Count the cells that two rows have in common at their start."""
    cells = 0
    for one, other in zip(old.segments, new.segments, strict=False):
        if one == other:
            cells += one.cell_length
            continue
        if one.style == other.style:
            size = next(
                (at for at, (a, b) in enumerate(zip(one.text, other.text, strict=False)) if a != b), None
            )
            size = min(len(one.text), len(other.text)) if size is None else size
            # Not in the middle of what may be one character: a joiner belongs to the one before it.
            text = one.text[:size]
            cells += len(text) if text.isascii() else max(0, cell_len(text) - 2)
        break
    return cells


def _cells(row: Row) -> int:
    return sum([segment.cell_length for segment in row.segments])

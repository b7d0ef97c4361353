"""Tables as rows: columns as wide as their content, narrowed to what there is."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment

from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import Row, Span, plain_row, wrap

Align: TypeAlias = Literal["left", "center", "right"]
Cell: TypeAlias = Sequence[Span]

# Columns narrower than this are unreadable: the table becomes a list of records.
NARROWEST = 6
_BETWEEN = " │ "


def table_rows(
    table: Sequence[Sequence[Cell]], aligns: Sequence[Align], width: int, looks: Looks
) -> list[Row]:
    """Lay out a table whose first line is its head."""
    columns = len(table[0])
    lines = [[*line[:columns], *[()] * (columns - len(line))] for line in table]
    widths = _widths(lines, width - len(_BETWEEN) * (columns - 1))
    if widths is None:
        return _records(lines, width, looks)
    rows = _line_rows(lines[0], widths, aligns, looks)
    rows.append(plain_row([("─┼─".join(["─" * size for size in widths]), looks.faint)]))
    for line in lines[1:]:
        rows.extend(_line_rows(line, widths, aligns, looks))
    return rows


def _widths(lines: Sequence[Sequence[Cell]], room: int) -> list[int] | None:
    """Share the room: every column gets what it needs or, when that is too much, at most an equal part."""
    columns = len(lines[0])
    wanted = [max(1, *[_longest(line[column]) for line in lines]) for column in range(columns)]
    if sum(wanted) <= room:
        return wanted
    if room < columns * NARROWEST:
        return None
    widths = [0] * columns
    left = room
    for done, column in enumerate(sorted(range(columns), key=wanted.__getitem__)):
        widths[column] = min(wanted[column], left // (columns - done))
        left -= widths[column]
    return widths


def _line_rows(
    line: Sequence[Cell], widths: Sequence[int], aligns: Sequence[Align], looks: Looks
) -> list[Row]:
    cells = [wrap(cell or [("", looks.text)], size) for cell, size in zip(line, widths, strict=True)]
    rows: list[Row] = []
    for number in range(max(map(len, cells))):
        segments: list[Segment] = []
        for column, (cell, size) in enumerate(zip(cells, widths, strict=True)):
            if column:
                segments.append(Segment(_BETWEEN, looks.faint))
            content = cell[number].segments if number < len(cell) else ()
            room = size - sum([segment.cell_length for segment in content])
            align = aligns[column] if column < len(aligns) else "left"
            before = room if align == "right" else room // 2 if align == "center" else 0
            segments.extend(
                [Segment(" " * before, looks.text), *content, Segment(" " * (room - before), looks.text)]
            )
        rows.append(Row(tuple([segment for segment in segments if segment.text])))
    return rows


def _records(lines: Sequence[Sequence[Cell]], width: int, looks: Looks) -> list[Row]:
    """Write each line of the table as a list of its cells beneath each other."""
    rows: list[Row] = []
    for line in lines[1:]:
        if rows:
            rows.append(plain_row([("─" * width, looks.faint)]))
        for head, cell in zip(lines[0], line, strict=True):
            name = "".join([text for text, _ in head]).replace("\n", " ")
            rows.extend(wrap([(f"{name}: ", looks.muted), *cell], width, rest=[("  ", looks.text)]))
    return rows or wrap([span for cell in lines[0] for span in [*cell, (" ", looks.text)]], width)


def _longest(cell: Cell) -> int:
    return max(map(cell_len, "".join([text for text, _ in cell]).split("\n")))

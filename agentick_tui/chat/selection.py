"""Selected text: what is copied of a transcript, also of what is not on the screen."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from agentick_tui.chat.document import Document, Place
from agentick_tui.chat.rows import Row
from agentick_tui.transcript.blocks import source

# Selections count lines by item and row in it, so that they stay where they are when heights above them change.
_ROWS = 1 << 20


def line_key(index: int, row: int) -> int:
    """Give the number of a line as selections count it."""
    return index * _ROWS + row


def selected_text(document: Document, selection: Selection) -> str:
    """Give the selected text: of a whole block its source, of a part the text as shown, unwrapped."""
    if not document.count:
        return ""
    start = selection.start or Offset(0, 0)
    last = document.count - 1
    end = selection.end or Offset(_ROWS, line_key(last, document.size_of(last)))
    first, first_row = divmod(start.y, _ROWS)
    final, final_row = divmod(end.y, _ROWS)
    pieces: list[str] = []
    for index in range(first, min(final, last) + 1):
        item = document.item(index)
        height = document.size_of(index)
        if not height:
            continue
        low = (first_row, start.x) if index == first else (0, 0)
        high = (final_row, end.x) if index == final else (height - 1, _ROWS)
        document.settle(Place(item, low[0]), min(height, high[0] + 1) - low[0])
        top = document.place_of(index)
        rows = [row for _, _, row in document.rows(top, height)] if height < _ROWS else []
        whole = _begins(rows, low) and _ends(rows, high)
        pieces.append(source(item.block).strip("\n") if whole else _part(rows, low, high))
    return "\n\n".join([piece for piece in pieces if piece])


def highlight(strip: Strip, row: Row, span: tuple[int, int], style: Style) -> Strip:
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


def _begins(rows: list[Row], low: tuple[int, int]) -> bool:
    """Whether no text stands before a place."""
    before = [row.text for row in rows[: low[0]]]
    return not any(before) and (low[0] >= len(rows) or low[1] <= rows[low[0]].gutter)


def _ends(rows: list[Row], high: tuple[int, int]) -> bool:
    """Whether no text stands behind a place."""
    after = [row.text for row in rows[high[0] + 1 :]]
    if any(after):
        return False
    return high[0] >= len(rows) or high[1] >= rows[high[0]].gutter + len(rows[high[0]].text)


def _part(rows: list[Row], low: tuple[int, int], high: tuple[int, int]) -> str:
    """Join the shown text between two places, without what the layout put in."""
    pieces: list[str] = []
    for number in range(low[0], min(high[0] + 1, len(rows))):
        row = rows[number]
        start = max(0, low[1] - row.gutter) if number == low[0] else 0
        stop = max(0, high[1] - row.gutter) if number == high[0] else None
        pieces.append(row.text[start:stop])
        pieces.append(row.joint if number < high[0] else "")
    return "".join(pieces).strip("\n")

"""Selected text: what is copied of a transcript, also of what is not on the screen."""

from textual.geometry import Offset
from textual.selection import Selection

from agentick_tui.chat.document import Document, Place
from agentick_tui.chat.painting import LINE_ROWS, line_key
from agentick_tui.chat.rows import Row
from agentick_tui.transcript.blocks import source


def selected_text(document: Document, selection: Selection) -> str:
    """Give the selected text: of a whole block its source, of a part the text as shown, unwrapped."""
    if not document.count:
        return ""
    start = selection.start or Offset(0, 0)
    last = document.count - 1
    end = selection.end or Offset(LINE_ROWS, line_key(last, document.size_of(last)))
    first, first_row = divmod(start.y, LINE_ROWS)
    final, final_row = divmod(end.y, LINE_ROWS)
    pieces: list[str] = []
    for index in range(first, min(final, last) + 1):
        item = document.item(index)
        height = document.size_of(index)
        if not height:
            continue
        low = (first_row, start.x) if index == first else (0, 0)
        high = (final_row, end.x) if index == final else (height - 1, LINE_ROWS)
        document.settle(Place(item, low[0]), min(height, high[0] + 1) - low[0])
        top = document.place_of(index)
        rows = [row for _, _, row in document.rows(top, height)] if height < LINE_ROWS else []
        whole = _begins(rows, low) and _ends(rows, high)
        pieces.append(source(item.block).strip("\n") if whole else _part(rows, low, high))
    return "\n\n".join([piece for piece in pieces if piece])


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

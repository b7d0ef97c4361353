"""One block laid out for a width: sections of rows, of which only the open ones are ever made again."""

from dataclasses import dataclass, replace
from itertools import islice

from agentick_tui.chat.cards import card_rows
from agentick_tui.chat.guess import MEASURE
from agentick_tui.chat.heights import Heights
from agentick_tui.chat.looks import Looks
from agentick_tui.chat.markdown import part_rows
from agentick_tui.chat.rows import BLANK, Row, plain_row, prefixed
from agentick_tui.transcript.blocks import AnswerBlock, UserBlock
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.items import Item
from agentick_tui.transcript.split import Part, Splitter

# The first column is the block cursor's; glyphs stand in the second, text from the fourth on.
MARGIN = " "
# An answer larger than this is laid out part by part, where it is looked at.
LAZY_SIZE = 24_000


@dataclass(slots=True)
class _Section:
    part: Part | None
    rows: list[Row] | None


class Layout:
    """The rows of one item at one width; `update` follows the item's changes."""

    def __init__(self, item: Item, *, gap: bool, width: int, looks: Looks) -> None:
        self._item = item
        self._gap = gap
        self._full = width
        self._width = max(8, min(width - 2, MEASURE) - 2 * item.depth)
        self._looks = looks
        self._splitter = Splitter()
        self._fed = 0
        self._sections: list[_Section] = []
        self._heights = Heights()
        self._closed = 0
        self._text = FlowText()
        self.update()

    @property
    def height(self) -> int:
        """How many rows there are, as far as is known."""
        return self._heights.total

    def update(self) -> None:
        """Follow a change of the item."""
        block = self._item.block
        if isinstance(block, AnswerBlock):
            self._update_answer(block)
            return
        rows = card_rows(block, self._item.folded, self._width, self._looks)
        self._sections = [_Section(None, self._finished(rows, gap=self._gap, indent=0))]
        self._heights = Heights([len(self._sections[0].rows or ())])

    def settle(self, start: int, stop: int) -> None:
        """Lay out what covers the rows from `start` to `stop`."""
        index = self._heights.find(max(0, start))
        while index < len(self._sections) and self._heights.top(index) < stop:
            self._rows_of(index)
            index += 1

    def rows(self, start: int, stop: int) -> list[Row]:
        """Give rows; what was not laid out yet is laid out."""
        self.settle(start, stop)
        found: list[Row] = []
        index = self._heights.find(start)
        top = self._heights.top(index)
        for section in islice(range(len(self._sections)), index, None):
            if top >= stop:
                break
            rows = self._rows_of(section)
            found.extend(rows[max(0, start - top) : stop - top])
            top += len(rows)
        return found

    def mark(self, row: int) -> tuple[int, int]:
        """Give the logical place of a row: the section, and how many characters of it come before."""
        index = self._heights.find(row)
        before = self._rows_of(index)[: row - self._heights.top(index)]
        return index, sum([_size(one) for one in before])

    def find(self, mark: tuple[int, int]) -> int:
        """Give the row at a logical place."""
        index, size = min(mark[0], len(self._sections) - 1), mark[1]
        row = self._heights.top(index)
        for one in self._rows_of(index):
            if size < _size(one):
                break
            size -= _size(one)
            row += 1
        return max(0, min(row, self.height - 1))

    def _update_answer(self, block: AnswerBlock) -> None:
        """Lay out what came since; the sections of closed parts stay."""
        if block.text is not self._text:
            self._text, self._splitter, self._fed, self._closed = block.text, Splitter(), 0, 0
        kept = self._closed
        del self._sections[kept:]
        self._heights.truncate(kept)
        settled = self._text.settled
        self._sections += [_Section(part, None) for part in self._splitter.feed(settled[self._fed :])]
        self._fed, self._closed = len(settled), len(self._sections)
        for part in self._splitter.rest(self._text.tail):
            # What nobody goes on with is drawn as if it were complete.
            self._sections.append(_Section(part if block.open else replace(part, closed=True), None))
        lazy = self._text.size > LAZY_SIZE
        for index in range(kept, len(self._sections)):
            self._heights.append(0)
            if lazy and index < self._closed - 1:
                self._heights.set(index, _guess(self._sections[index].part, self._width))
            else:
                self._rows_of(index)

    def _rows_of(self, index: int) -> list[Row]:
        section = self._sections[index]
        if section.rows is None:
            section.rows = self._lay_out(index)
            self._heights.set(index, len(section.rows))
        return section.rows

    def _lay_out(self, index: int) -> list[Row]:
        part = self._sections[index].part
        if part is None:
            return []
        gap = self._gap if index == 0 else part.gap
        return self._finished(part_rows(part, self._width - 2, self._looks), gap=gap, indent=2)

    def _finished(self, rows: list[Row], *, gap: bool, indent: int) -> list[Row]:
        """Put the margin and the guides of sub-agents before rows, and an empty row above them."""
        depth, looks = self._item.depth, self._looks
        guide = (MARGIN + "│ " * depth, looks.faint)
        lead = [guide, (" " * indent, looks.text)] if depth else [(MARGIN + " " * indent, looks.text)]
        if isinstance(self._item.block, UserBlock):
            lead = [guide if depth else (MARGIN, looks.user_text)]
            rows = [row.filled(self._full - len(lead[0][0]), looks.user_text) for row in rows]
        rows = prefixed(rows, lead, lead)
        if not gap:
            return rows
        return [plain_row([guide], len(guide[0])) if depth else BLANK, *rows]


def _guess(part: Part | None, width: int) -> int:
    source = part.source if part else ""
    return 1 + source.count("\n") + len(source) // width


def _size(row: Row) -> int:
    return max(1, len(row.text) + len(row.joint))

"""The whole transcript as lines: where each block stands, and the rows of what is looked at."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentick_tui.chat.guess import guess
from agentick_tui.chat.heights import Heights
from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import Row
from agentick_tui.transcript.blocks import AgentBlock, ReasoningBlock, ToolBlock
from agentick_tui.transcript.items import Item, ItemList

if TYPE_CHECKING:
    from agentick_tui.chat.layout import Layout

# How many rows are kept laid out; of all other blocks only the height is known.
ROWS_KEPT = 4000
# How many items around what is looked at are made exact in idle time; those further off when one comes near.
REACH = 200


@dataclass(slots=True, eq=False)
class _Slot:
    item: Item
    gap: bool
    exact: bool = False
    revision: int = -1


@dataclass(frozen=True, slots=True)
class Place:
    """A row of an item."""

    item: Item
    row: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A logical place: an item, a section of it, and characters in that; it outlives another width."""

    item: Item
    inside: tuple[int, int]


class Document:
    """Turns a transcript into lines for one width and one set of looks.

    Items that were not looked at yet have guessed heights; `settle` makes those exact that cover a stretch. Every
    method that gives lines settles them first.
    """

    def __init__(self, transcript: ItemList, width: int, looks: Looks) -> None:
        self._transcript = transcript
        self._width = width
        self._looks = looks
        self._slots: list[_Slot] = []
        self._index: dict[int, int] = {}
        self._heights = Heights()
        self._layouts: OrderedDict[int, Layout] = OrderedDict()
        self._looked_at: set[int] = set()
        self._rows_kept = 0
        transcript.take_changes()
        self._rebuild()

    @property
    def width(self) -> int:
        """The width in cells."""
        return self._width

    @property
    def height(self) -> int:
        """The number of lines, as far as is known."""
        return self._heights.total

    @property
    def count(self) -> int:
        """The number of items."""
        return len(self._slots)

    def item(self, index: int) -> Item:
        """Give an item by its place."""
        return self._slots[index].item

    def sync(self) -> bool:
        """Take over what changed in the transcript; tells whether anything did."""
        changes = self._transcript.take_changes()
        items = self._transcript.items
        grown = len(items) > len(self._slots)
        if changes.moved or len(items) < len(self._slots):
            self._rebuild()
        else:
            for index in range(len(self._slots), len(items)):
                self._append(index, items[index])
        for item in changes.changed:
            self._refresh(item)
        return grown or changes.moved or bool(changes.changed)

    def resize(self, width: int, looks: Looks) -> None:
        """Lay everything out anew for another width or other looks; where the width stays, heights do."""
        if width != self._width:
            for slot in self._slots:
                slot.exact = False
        self._layouts.clear()
        self._rows_kept = 0
        known = width == self._width
        self._width, self._looks = width, looks
        if not known:
            self._rebuild()

    def top(self, place: Place) -> int:
        """Give the line of a place."""
        index = self._index.get(place.item.id)
        return (
            0
            if index is None
            else self._heights.top(index) + min(place.row, max(0, self._heights[index] - 1))
        )

    def at(self, y: int) -> Place | None:
        """Give the place of a line, made exact."""
        if not self._slots:
            return None
        index = self._heights.find(max(0, y))
        row = y - self._heights.top(index)
        known = max(1, self._heights[index])
        exact = self._slots[index].exact
        height = self._settle(index)
        row = row if exact else row * height // known
        return Place(self._slots[index].item, max(0, min(row, height - 1)))

    def walk(self, place: Place, lines: int) -> Place:
        """Go up or down from a place, over exact lines; stops at either end."""
        index = self._index.get(place.item.id, 0)
        row = place.row + lines
        if lines < 0:
            # What is laid out only now may be higher than it was thought to be: distances are kept from below.
            known = self._settle(index)
            row += self._settle(index, row, place.row) - known
        while row < 0 and index > 0:
            index -= 1
            known = self._settle(index)
            row += self._settle(index, known + row, known)
        while row >= (height := self._settle(index)) and index + 1 < len(self._slots):
            row -= height
            index += 1
        return Place(self._slots[index].item, max(0, min(row, max(0, height - 1))))

    def settle(self, place: Place, lines: int) -> None:
        """Make the lines from a place on exact."""
        index = self._index.get(place.item.id, 0)
        row = place.row
        while lines > 0 and index < len(self._slots):
            height = self._settle(index, row, row + lines)
            lines -= max(0, height - row)
            row = 0
            index += 1

    def end(self, lines: int) -> Place | None:
        """Give the place from which `lines` lines reach to the end; all of them are exact."""
        if not self._slots:
            return None
        last = len(self._slots) - 1
        while True:
            # What is laid out on the way may be higher than it was thought to be: then there is more to lay out.
            place = self.walk(Place(self._slots[last].item, max(0, self._settle(last) - 1)), 1 - lines)
            height = self.height
            self.settle(place, lines)
            if self.height == height:
                return place

    def rows(self, y: int, count: int) -> Iterator[tuple[int, int, Row]]:
        """Give the rows of a stretch of lines as (index of the item, row in it, row)."""
        if not self._slots:
            return
        index = self._heights.find(max(0, y))
        start = y - self._heights.top(index)
        while count > 0 and index < len(self._slots):
            height = self._heights[index]
            if start < height:
                rows = self._layout(index).rows(start, min(height, start + count))
                for number, row in enumerate(rows):
                    yield index, start + number, row
                count -= len(rows)
            start = 0
            index += 1

    def mark(self, place: Place) -> Mark:
        """Make a place last beyond another width."""
        index = self._index.get(place.item.id)
        return Mark(place.item, (0, 0) if index is None else self._layout(index).mark(place.row))

    def find(self, mark: Mark) -> Place:
        """Give the place of a mark as things are now."""
        index = self._index.get(mark.item.id)
        if index is None:
            return Place(mark.item, 0)
        place = Place(mark.item, self._layout(index).find(mark.inside))
        self._settle(index)
        return place

    def place_of(self, index: int) -> int:
        """Give the first line of an item."""
        return self._heights.top(index)

    def size_of(self, index: int) -> int:
        """Give the height of an item, made exact."""
        return self._settle(index)

    def settle_one(self, near: int) -> bool:
        """Make the guessed item nearest to one exact; False when there is none left within reach."""
        for distance in range(min(REACH, len(self._slots))):
            for index in {near - distance, near + distance}:
                if 0 <= index < len(self._slots) and not self._slots[index].exact:
                    self._settle(index)
                    if self._rows_kept > ROWS_KEPT:
                        self._drop(self._slots[index].item.id)
                    return True
        return False

    def forget(self) -> None:
        """Drop the rows of what was looked at longest ago; none of what was since the last time."""
        # What is on the screen together would otherwise, where it is long, be laid out again for each frame.
        for item_id in [*self._layouts]:
            if self._rows_kept <= ROWS_KEPT or item_id in self._looked_at:
                break
            self._drop(item_id)
        self._looked_at.clear()

    def holds(self, item: Item) -> bool:
        """Tell whether an item is still there."""
        return item.id in self._index

    def index_of(self, item: Item) -> int:
        """Give the place of an item in the list."""
        return self._index.get(item.id, 0)

    def _rebuild(self) -> None:
        """Line the slots up with the items; heights that are known stay where nothing changed around an item."""
        known = {slot.item.id: (slot, self._heights[index]) for index, slot in enumerate(self._slots)}
        items = self._transcript.items
        self._slots, self._index = [], {}
        heights: list[int] = []
        before: Item | None = None
        for index, item in enumerate(items):
            gap = _gap(before, item)
            old = known.get(item.id)
            if old is not None and old[0].gap == gap and old[0].exact and not item.hidden and old[1]:
                slot, height = old
            else:
                slot = _Slot(item, gap, exact=item.hidden)
                height = 0 if item.hidden else guess(item, self._width) + gap
                self._drop(item.id)
            self._slots.append(slot)
            self._index[item.id] = index
            heights.append(height)
            before = before if item.hidden else item
        self._heights = Heights(heights)
        for gone in known.keys() - self._index.keys():
            self._drop(gone)

    def _append(self, index: int, item: Item) -> None:
        before = next((slot.item for slot in reversed(self._slots) if not slot.item.hidden), None)
        slot = _Slot(item, _gap(before, item), exact=item.hidden)
        self._slots.append(slot)
        self._index[item.id] = index
        self._heights.append(0 if item.hidden else guess(item, self._width) + slot.gap)

    def _refresh(self, item: Item) -> None:
        """Follow a change of an item; one that nobody looks at is only guessed again."""
        index = self._index.get(item.id)
        if index is None or item.hidden:
            return
        layout = self._layouts.get(item.id)
        if layout is None:
            self._slots[index].exact = False
            self._heights.set(index, guess(item, self._width) + self._slots[index].gap)
            return
        before = layout.height
        layout.update()
        self._rows_kept += layout.height - before
        self._heights.set(index, layout.height)

    def _settle(self, index: int, start: int = 0, stop: int | None = None) -> int:
        """Make the height of an item exact, and lay out a stretch of it."""
        slot = self._slots[index]
        if slot.item.hidden:
            return 0
        if slot.exact and stop is None:
            return self._heights[index]
        layout = self._layout(index)
        before = layout.height
        layout.settle(start, layout.height if stop is None and layout.height < 500 else stop or 0)
        self._rows_kept += layout.height - before
        self._heights.set(index, layout.height)
        slot.exact = True
        return layout.height

    def _layout(self, index: int) -> "Layout":
        slot = self._slots[index]
        layout = self._layouts.get(slot.item.id)
        if layout is None:
            # The renderers are not needed for an empty screen, and take longer to import than that to paint.
            from agentick_tui.chat.layout import Layout

            layout = Layout(slot.item, gap=slot.gap, width=self._width, looks=self._looks)
            self._layouts[slot.item.id] = layout
            self._rows_kept += layout.height
            self._heights.set(index, layout.height)
        else:
            self._layouts.move_to_end(slot.item.id)
        self._looked_at.add(slot.item.id)
        return layout

    def _drop(self, item_id: int) -> None:
        layout = self._layouts.pop(item_id, None)
        if layout is not None:
            self._rows_kept -= layout.height


def _gap(before: Item | None, item: Item) -> bool:
    """Whether an empty row stands above an item: what belongs to one piece of work stands close together."""
    if before is None:
        return False
    work = (ToolBlock, ReasoningBlock, AgentBlock)
    close = isinstance(before.block, work) and isinstance(item.block, work)
    return not close and not (item.depth and before.depth >= item.depth - 1)

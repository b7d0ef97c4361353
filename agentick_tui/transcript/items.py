"""The blocks in their order on the screen, and what changed since they were last looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentick_tui.transcript.blocks import TranscriptBlock


@dataclass(slots=True, eq=False)
class Item:
    """A block at its place: `revision` grows with every change, `depth` counts the sub-agents around it."""

    id: int
    block: "TranscriptBlock"
    parent: "Item | None" = None
    depth: int = 0
    revision: int = 0
    folded: bool = True

    @property
    def hidden(self) -> bool:
        """Whether a folded sub-agent around it hides the block."""
        parent = self.parent
        while parent is not None:
            if parent.folded and parent.block.nests:
                return True
            parent = parent.parent
        return False


@dataclass(slots=True)
class Changes:
    """What changed: `moved` says that blocks were put in, taken out or hidden elsewhere than at the end."""

    changed: set[Item] = field(default_factory=set[Item])
    moved: bool = False


class ItemList:
    """Items in the order in which they are read; every change is noted for the one reader that draws them."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._next_id = 1
        self._changes = Changes()

    @property
    def items(self) -> Sequence[Item]:
        """The items in order, those of sub-agents behind their own."""
        return self._items

    def take_changes(self) -> Changes:
        """Give what changed since the last call."""
        changes, self._changes = self._changes, Changes()
        return changes

    def add(
        self,
        block: "TranscriptBlock",
        *,
        parent: Item | None = None,
        after: Item | None = None,
        before: Item | None = None,
    ) -> Item:
        """Put a block before or behind another and all nested in that, or at the end of its parent."""
        item = Item(self._next_id, block, parent, 0 if parent is None else parent.depth + 1)
        item.folded = not block.nests
        self._next_id += 1
        place = self.place_of(before) if before is not None else self._end_of(after or parent)
        if place < len(self._items):
            self._changes.moved = True
        self._items.insert(place, item)
        return item

    def reorder(self, wanted: Sequence[Item]) -> None:
        """Put items that nothing is nested in, one behind the other, where the first of them stood."""
        place = min(self.place_of(item) for item in wanted)
        moving = set(wanted)
        rest = [item for item in self._items if item not in moving]
        self._items = [*rest[:place], *wanted, *rest[place:]]
        self._changes.moved = True

    def replace(self, item: Item, block: "TranscriptBlock") -> None:
        """Let an item show another block."""
        item.block = block
        self.touch(item)

    def touch(self, item: Item) -> None:
        """Note that the block of an item has grown."""
        item.revision += 1
        self._changes.changed.add(item)

    def remove(self, items: Sequence[Item]) -> None:
        """Take items out."""
        gone = set(items)
        if gone:
            self._items = [item for item in self._items if item not in gone]
            self._changes.moved = True
            self._changes.changed -= gone

    def fold(self, item: Item, folded: bool | None = None) -> None:
        """Fold or unfold an item, or turn it around."""
        wanted = not item.folded if folded is None else folded
        if wanted == item.folded or not item.block.foldable:
            return
        item.folded = wanted
        self.touch(item)
        if item.block.nests:
            self._changes.moved = True

    def clear(self) -> None:
        """Empty the view; what the engine goes on with appears anew."""
        self.remove(self._items)

    def place_of(self, item: Item) -> int:
        """Give the place of an item, or -1 when it was taken out; recent ones are found at once."""
        items = self._items
        for place in range(len(items) - 1, -1, -1):
            if items[place] is item:
                return place
        return -1

    def _end_of(self, item: Item | None) -> int:
        """Give the place behind an item and everything nested in it or that it called."""
        items = self._items
        if item is None:
            return len(items)
        place = self.place_of(item)
        if place < 0:
            return len(items)
        place += 1
        while place < len(items) and items[place].depth > item.depth:
            place += 1
        return place


def next_item(items: Sequence[Item], item: Item, step: int) -> Item | None:
    """Give the nearest item above (-1) or below (1) that is not hidden; above the first it stays, below the last
    there is none."""
    place = next((at for at in reversed(range(len(items))) if items[at] is item), -1)
    if place < 0:
        return None
    visible = (items[at] for at in range(place + step, len(items) if step > 0 else -1, step))
    return next((one for one in visible if not one.hidden), item if step < 0 else None)

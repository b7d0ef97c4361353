"""How high many things are, one beneath the other: a tree of prefix sums."""

from collections.abc import Iterable


class Heights:
    """Heights that can change one by one; sums and searches take logarithmic time."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree = [0, *self._heights]
        for place in range(1, len(self._tree)):
            above = place + (place & -place)
            if above < len(self._tree):
                self._tree[above] += self._tree[place]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def append(self, height: int) -> None:
        """Put one more beneath the others."""
        self._heights.append(height)
        place = len(self._heights)
        below, total = place - 1, height
        while below > place - (place & -place):
            total += self._tree[below]
            below -= below & -below
        self._tree.append(total)

    def truncate(self, count: int) -> None:
        """Keep the first ones only."""
        del self._heights[count:]
        del self._tree[count + 1 :]

    def set(self, index: int, height: int) -> None:
        """Change one."""
        change = height - self._heights[index]
        if not change:
            return
        self._heights[index] = height
        place = index + 1
        while place < len(self._tree):
            self._tree[place] += change
            place += place & -place

    @property
    def total(self) -> int:
        """The height of all."""
        return self.top(len(self._heights))

    def top(self, index: int) -> int:
        """Give the height of all before one."""
        total = 0
        while index:
            total += self._tree[index]
            index -= index & -index
        return total

    def find(self, y: int) -> int:
        """Give the one that covers a line; the last one for a line beneath all."""
        place, step = 0, 1 << len(self._heights).bit_length()
        while step:
            follow = place + step
            if follow < len(self._tree) and self._tree[follow] <= y:
                y -= self._tree[follow]
                place = follow
            step >>= 1
        return max(0, min(place, len(self._heights) - 1))

"""The kill ring: what was cut, newest last, to be yanked again."""

from collections import deque

RING_SIZE = 60


class KillRing:
    """The last 60 pieces of killed text. Kills in a row grow one piece; `rotate` walks to older ones."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque(maxlen=RING_SIZE)

    @property
    def newest(self) -> str:
        """The piece that a yank gives, "" where nothing was killed yet."""
        return self._pieces[-1] if self._pieces else ""

    def kill(self, text: str, *, grow: bool = False, before: bool = False) -> None:
        """Put text on the ring; with `grow` it joins the newest piece, in front of it when `before`."""
        if not text:
            return
        if grow and self._pieces:
            newest = self._pieces.pop()
            text = text + newest if before else newest + text
        self._pieces.append(text)

    def rotate(self) -> str:
        """Make the piece before the newest one, and give it."""
        self._pieces.rotate(1)
        return self.newest

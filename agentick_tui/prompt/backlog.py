"""The messages that wait on the screen: one goes out when an answer has ended well; pure."""

from collections.abc import Callable, Sequence


class Backlog:
    """The visible queue, first in, first out. While it is paused nothing goes out by itself.

    `kept` is told every change, so that it can be stored.
    """

    def __init__(self, kept: Callable[[Sequence[str]], None]) -> None:
        self._kept = kept
        self._texts: list[str] = []
        self.paused = False

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """What waits, the first first."""
        return tuple(self._texts)

    def restore(self, texts: Sequence[str]) -> None:
        """Take over what was stored; it waits until it is resumed."""
        self._texts = list(texts)
        self.paused = bool(texts)

    def add(self, text: str) -> None:
        """Put a message at the end."""
        self._texts.append(text)
        self._kept(self._texts)

    def put_first(self, texts: Sequence[str]) -> None:
        """Put messages back to the head, in their order."""
        if texts:
            self._texts[:0] = texts
            self._kept(self._texts)

    def take(self) -> str | None:
        """Take the first message out; None where nothing waits."""
        if not self._texts:
            self.paused = False
            return None
        text = self._texts.pop(0)
        self._kept(self._texts)
        if not self._texts:
            self.paused = False
        return text

    def pause(self) -> None:
        """Let nothing go out by itself, until `resume`."""
        self.paused = bool(self._texts)

    def resume(self) -> None:
        """Let messages go out again."""
        self.paused = False

"""What was sent before, to be walked with Up and Down; the draft is kept meanwhile."""

from collections.abc import Callable, Iterable


class PromptHistory:
    """The sent texts, oldest first, and where the walk through them stands.

    `on_append` is told each new text, so that it can be stored; `load` brings the stored ones in front.
    """

    def __init__(
        self, entries: Iterable[str] = (), *, on_append: Callable[[str], None] | None = None
    ) -> None:
        self._entries = list(entries)
        self._on_append = on_append
        self._at: int | None = None
        self._draft = ""

    @property
    def entries(self) -> tuple[str, ...]:
        """Everything that was sent, oldest first."""
        return tuple(self._entries)

    def load(self, older: Iterable[str]) -> None:
        """Put stored texts before those of this run; a walk that is under way stays where it is."""
        added = list(older)
        self._entries[:0] = added
        if self._at is not None:
            self._at += len(added)

    def append(self, text: str) -> None:
        """Remember a text that was sent or set aside; the same one twice in a row counts once."""
        self._at = None
        self._draft = ""
        if not text.strip() or self._entries[-1:] == [text]:
            return
        self._entries.append(text)
        if self._on_append is not None:
            self._on_append(text)

    def back(self, current: str) -> str | None:
        """Give the text before; None at the oldest. `current` is kept as the draft when the walk begins."""
        at = len(self._entries) if self._at is None else self._at
        if at == 0:
            return None
        if self._at is None:
            self._draft = current
        self._at = at - 1
        return self._entries[self._at]

    def on(self) -> str | None:
        """Give the text after, at last the draft; None where no walk is under way."""
        if self._at is None:
            return None
        if self._at + 1 < len(self._entries):
            self._at += 1
            return self._entries[self._at]
        self._at = None
        return self._draft

    def leave(self) -> None:
        """End the walk: what is in the prompt was edited, and is the draft now."""
        self._at = None

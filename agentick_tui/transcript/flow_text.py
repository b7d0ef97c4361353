"""Text from outside that may still grow; it is cleaned when it is first read."""

from agentick_tui.sanitize import FlowFilter


class FlowText:
    """A text that passes the filter on its way out, never before: storing it costs nothing.

    `settled` is what no later piece can change, `tail` the last line as it stands; `text` is both. `size` and
    `breaks` count the characters and the newlines that came in, for estimates.
    """

    __slots__ = ("_filter", "_raw", "_settled", "_tail", "breaks", "size")

    def __init__(self, raw: str = "") -> None:
        self._filter: FlowFilter | None = None
        self._raw: list[str] = [raw] if raw else []
        self._settled = ""
        self._tail = ""
        self.size = len(raw)
        self.breaks = raw.count("\n")

    def __repr__(self) -> str:
        return f"FlowText({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlowText) and self.text == other.text

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # it grows, so it cannot be a key

    def append(self, raw: str) -> None:
        """Add the next piece."""
        self._raw.append(raw)
        self.size += len(raw)
        self.breaks += raw.count("\n")

    @property
    def settled(self) -> str:
        """The clean text that no later piece can change."""
        self._clean()
        return self._settled

    @property
    def tail(self) -> str:
        """The clean last line, which may still change."""
        self._clean()
        return self._tail

    @property
    def text(self) -> str:
        """All of the clean text, as it stands."""
        self._clean()
        return self._settled + self._tail

    def _clean(self) -> None:
        if not self._raw:
            return
        if self._filter is None:
            self._filter = FlowFilter()
        raw, self._raw = "".join(self._raw), []
        self._settled += self._filter.feed(raw)
        self._tail = self._filter.tail

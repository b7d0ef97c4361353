"""Rows: styled text wrapped to a width, with what is needed to copy it unwrapped."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

from agentick_tui.sanitize import TAB_SIZE

Span: TypeAlias = tuple[str, Style]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the screen.

    `segments` are what is drawn, `gutter` counts the characters at their start that are not text, `end` the
    character behind the text. `joint` is what stands between this row's text and the next one's where it is
    copied: a newline, the blank a wrap took away, or nothing.
    """

    segments: tuple[Segment, ...]
    gutter: int = 0
    joint: str = "\n"
    end: int | None = None

    @property
    def drawn(self) -> str:
        """All characters, as they are drawn."""
        return "".join([segment.text for segment in self.segments])

    @property
    def text(self) -> str:
        """The text alone, without gutter and padding."""
        return self.drawn[self.gutter : self.end].rstrip()

    def filled(self, width: int, style: Style) -> "Row":
        """Draw the row's ground up to a width; the text stays what it is."""
        room = width - sum([segment.cell_length for segment in self.segments])
        more = (Segment(" " * room, style),) if room > 0 else ()
        return Row((*self.segments, *more), self.gutter, self.joint, self.end)


BLANK = Row(())


@dataclass(frozen=True, slots=True)
class Fill:
    """The ground a row is drawn on, up to the width."""

    style: Style
    pad: int = 0


def wrap(
    spans: Sequence[Span],
    width: int,
    *,
    first: Sequence[Span] = (),
    rest: Sequence[Span] = (),
    fill: Fill | None = None,
) -> list[Row]:
    """Wrap spans at `width` cells, each row begun with a prefix; newlines in the text end a row."""
    rows: list[Row] = []
    prefix = first
    for line in _lines(spans):
        text = "".join([piece for piece, _ in line])
        # A wide character needs two cells, however narrow the place is.
        room = max(2, width - _cells(prefix) - 2 * (fill.pad if fill else 0))
        other = max(2, width - _cells(rest) - 2 * (fill.pad if fill else 0))
        for start, end, joint in breaks(text, room, other):
            rows.append(_row(prefix, _slice(line, start, end), joint, width, fill))
            prefix = rest
    return rows


def breaks(text: str, first: int, rest: int) -> list[tuple[int, int, str]]:
    """Cut a line into stretches of at most `first`, then `rest` cells: (start, end, what the cut took away)."""
    text = text.rstrip(" ")
    if text.isascii():
        return _breaks_ascii(text, first, rest)
    if cell_len(text) <= first:
        return [(0, len(text), "\n")]
    return _breaks_wide(text, first, rest)


def clip(spans: Sequence[Span], width: int) -> list[Span]:
    """Cut spans to one row of at most `width` cells; what is missing shows as "…"."""
    line = next(_lines(spans))
    text = "".join([piece for piece, _ in line])
    if cell_len(text) <= width:
        return list(line)
    end = 0
    room = max(0, width - 1)
    for _, stop, size in split_graphemes(text)[0]:
        if size > room:
            break
        room -= size
        end = stop
    kept = _slice(line, 0, end)
    style = kept[-1][1] if kept else line[0][1]
    return [*kept, ("…", style)]


def plain_row(spans: Iterable[Span], gutter: int = 0) -> Row:
    """Make a row of spans as they are."""
    return Row(tuple([Segment(text, style) for text, style in spans if text]), gutter)


def prefixed(rows: Iterable[Row], first: Sequence[Span], rest: Sequence[Span]) -> list[Row]:
    """Put a prefix before rows that were laid out without; it counts as gutter."""
    made: list[Row] = []
    lead, gutter = _lead(first)
    for row in rows:
        end = None if row.end is None else row.end + gutter
        made.append(Row((*lead, *row.segments), row.gutter + gutter, row.joint, end))
        if len(made) == 1:
            lead, gutter = _lead(rest)
    return made


def _lead(spans: Sequence[Span]) -> tuple[tuple[Segment, ...], int]:
    return tuple([Segment(text, style) for text, style in spans if text]), sum(
        [len(text) for text, _ in spans]
    )


def _breaks_ascii(text: str, room: int, rest: int) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    start, size = 0, len(text)
    while size - start > room:
        limit = start + room
        blank = text.rfind(" ", start, limit + 1)
        # Blanks that only lead in are no place to break.
        if blank > start and text[start:blank].strip():
            found.append((start, blank, " "))
            start = blank + 1
            while start < size and text[start] == " ":
                start += 1
        else:
            found.append((start, limit, ""))
            start = limit
        room = rest
    found.append((start, size, "\n"))
    return found


class _Break(NamedTuple):
    """Where a line can be cut: the end of the row, the start of the next, and what is taken away."""

    end: int
    follow: int
    joint: str


def _breaks_wide(text: str, room: int, rest: int) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    graphemes = split_graphemes(text)[0]
    start, used, at = 0, 0, 0
    last: _Break | None = None
    while at < len(graphemes):
        begin, end, size = graphemes[at]
        blank = text[begin:end] == " " and bool(text[start:begin].strip())
        if used + size > room and not blank and begin > start:
            cut = last or _Break(begin, begin, "")
            found.append((start, cut.end, cut.joint))
            start, used, last, room = cut.follow, 0, None, rest
            while graphemes[at][0] > start:
                at -= 1
            continue
        used += size
        at += 1
        if blank:
            # A blank hangs over the edge; a run of them breaks before the first.
            run = last is not None and last.follow == begin and last.joint
            last = _Break(last.end if last and run else begin, end, " ")
        elif size == 2:
            last = _Break(end, end, "")
    found.append((start, len(text), "\n"))
    return found


def _lines(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Cut spans at their newlines, and expand tabs."""
    line: list[Span] = []
    for text, style in spans:
        pieces = text.split("\n")
        for number, piece in enumerate(pieces):
            if number:
                yield line
                line = []
            if piece:
                line.append((_expand(piece, line) if "\t" in piece else piece, style))
    yield line


def _expand(piece: str, line: Sequence[Span]) -> str:
    before = sum([len(text) for text, _ in line]) % TAB_SIZE
    return (" " * before + piece).expandtabs(TAB_SIZE)[before:]


def _cells(spans: Sequence[Span]) -> int:
    return sum([cell_len(text) for text, _ in spans])


def _slice(line: Sequence[Span], start: int, end: int) -> list[Span]:
    kept: list[Span] = []
    at = 0
    for text, style in line:
        if at >= end:
            break
        low, high = max(start - at, 0), min(end - at, len(text))
        if low < high:
            kept.append((text[low:high], style))
        at += len(text)
    return kept


def _row(prefix: Sequence[Span], line: Sequence[Span], joint: str, width: int, fill: Fill | None) -> Row:
    segments = [Segment(text, style) for text, style in prefix if text]
    gutter = sum([len(text) for text, _ in prefix])
    if fill and fill.pad:
        segments.append(Segment(" " * fill.pad, fill.style))
        gutter += fill.pad
    segments.extend([Segment(text, style) for text, style in line])
    end = gutter + sum([len(text) for text, _ in line])
    if fill:
        room = width - _cells(prefix) - fill.pad - _cells(line)
        if room > 0:
            segments.append(Segment(" " * room, fill.style))
    return Row(tuple(segments), gutter, joint, end)

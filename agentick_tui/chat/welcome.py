"""What an empty session shows: what this is, who answers, what to try. It is drawn, not said, and never stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import BLANK, Row, Span, plain_row, wrap

# The widest it gets, and the columns that stay free at both sides.
_WIDEST = 72
_MARGIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What is said to whoever opens a new session.

    `model` answers, and `why` says why that one; `advice` is what can be done about it. `tries` are messages worth
    sending with what they show, `keys` the most useful keys with their words.
    """

    title: str
    about: str
    model: str
    why: str
    advice: str = ""
    tries: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


def welcome_rows(welcome: Welcome, width: int, height: int, looks: Looks) -> list[Row]:
    """Draw as much of it as there is room for, in the middle of exactly `height` rows."""
    room = min(_WIDEST, width - 2 * _MARGIN)
    if room < 16:
        return [BLANK] * height
    head, model, advice = _head(welcome, looks), _model(welcome, looks), [(welcome.advice, looks.muted)]
    keys = [_pairs(welcome.keys, room, looks)]
    full = [head, [model, advice], _listed(welcome.tries, looks), keys]
    brief = [head[:1], [model], [_in_a_line(welcome.tries, looks)], keys]
    for sections in (full, [head, [model, advice], brief[2], keys], brief, brief[:3], brief[:2]):
        rows = _stacked(sections, room)
        if len(rows) + 2 <= height:
            left = (width - max([sum([one.cell_length for one in row.segments]) for row in rows])) // 2
            margin = (" " * max(_MARGIN, left), looks.text)
            above = (height - len(rows)) // 2
            drawn = [
                Row((*plain_row([margin]).segments, *row.segments)) if row.segments else row for row in rows
            ]
            return [*[BLANK] * above, *drawn, *[BLANK] * (height - above - len(rows))]
    return [BLANK] * height


def _head(welcome: Welcome, looks: Looks) -> list[list[Span]]:
    return [[(welcome.title, looks.heading)], [(welcome.about, looks.muted)]]


def _model(welcome: Welcome, looks: Looks) -> list[Span]:
    return [(welcome.model, looks.strong), (f"  {welcome.why}" if welcome.why else "", looks.muted)]


def _listed(tries: Sequence[tuple[str, str]], looks: Looks) -> list[list[Span]]:
    """Write what to try beneath each other."""
    column = max([cell_len(word) for word, _ in tries], default=0) + 3
    return [[(word.ljust(column), looks.accent), (what, looks.muted)] for word, what in tries]


def _in_a_line(tries: Sequence[tuple[str, str]], looks: Looks) -> list[Span]:
    """Write what to try behind each other."""
    if not tries:
        return []
    words = [[(word, looks.accent), (" · ", looks.faint)] for word, _ in tries]
    return [("Try ", looks.muted), *[span for spans in words for span in spans][:-1]]


def _pairs(pairs: Iterable[tuple[str, str]], room: int, looks: Looks) -> list[Span]:
    """Write keys with their words, as many as fit into a line."""
    spans: list[Span] = []
    used = 0
    for key, word in pairs:
        gap = "  " if spans else ""
        used += cell_len(gap) + cell_len(key) + 1 + cell_len(word)
        if used > room:
            break
        spans += [(gap + key, looks.strong), (f" {word}", looks.muted)]
    return spans


def _stacked(sections: Sequence[Sequence[Sequence[Span]]], room: int) -> list[Row]:
    """Put the sections beneath each other, an empty row between them."""
    rows: list[Row] = []
    for section in sections:
        drawn = [row for spans in section if any(text for text, _ in spans) for row in wrap(spans, room)]
        if rows and drawn:
            rows.append(BLANK)
        rows += drawn
    return rows

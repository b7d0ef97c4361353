"""Which commands fit what is typed so far, and which rows of them are in view; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A command that can be completed: its name without the slash, its arguments in words, what it does."""

    name: str
    usage: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate that fits, the name or alias by which it does, and which of its letters were typed."""

    candidate: Candidate
    text: str
    letters: tuple[int, ...] = ()


def command_query(text: str, cursor: int) -> str | None:
    """Give what is typed of a command's name, None where the cursor is not at the end of one."""
    head = text[:cursor]
    if not head.startswith("/") or head.startswith("//") or any(letter.isspace() for letter in head):
        return None
    return None if "/" in head[1:] else head[1:]


def rank(query: str, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
    """Give the candidates whose name or alias holds the letters of the query in order, the best first."""
    scored: list[tuple[int, int, Match]] = []
    for place, candidate in enumerate(candidates):
        names = (candidate.name, *candidate.aliases)
        fits = [(_score(query, name), name) for name in names]
        best = min((fit for fit in fits if fit[0] is not None), default=None, key=lambda fit: fit[0] or 0)
        if best is not None:
            cost, name = best
            scored.append((cost or 0, place, Match(candidate, name, _letters(query, name))))
    return tuple(match for _, _, match in sorted(scored, key=lambda item: item[:2]))


def _score(query: str, name: str) -> int | None:
    """Score a fit, lower is better: the whole, a beginning, a run, scattered letters; None is no fit."""
    query, name = query.lower(), name.lower()
    if not query:
        return 0
    if name == query:
        return -1
    if name.startswith(query):
        return len(name)
    at = name.find(query)
    if at > 0:
        return 100 + at
    letters = _letters(query, name)
    if not letters:
        return None
    return 1000 + letters[-1] - letters[0]


def _letters(query: str, name: str) -> tuple[int, ...]:
    query, name = query.lower(), name.lower()
    run = name.find(query)
    if run >= 0:
        return tuple(range(run, run + len(query)))
    found: list[int] = []
    at = -1
    for letter in query:
        at = name.find(letter, at + 1)
        if at < 0:
            return ()
        found.append(at)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list shows: the matches, which one is marked, and the first row in view."""

    matches: tuple[Match, ...] = ()
    marked: int = 0
    top: int = 0

    @property
    def current(self) -> Match | None:
        """The marked match."""
        return self.matches[self.marked] if self.matches else None

    def visible(self, rows: int) -> Sequence[Match]:
        """The matches in view."""
        return self.matches[self.top : self.top + rows]

    def below(self, rows: int) -> int:
        """How many matches lie below those in view."""
        return max(0, len(self.matches) - self.top - rows)

    def moved(self, step: int, rows: int) -> "Choice":
        """Move the mark, around the ends, and keep it in view."""
        if not self.matches:
            return self
        marked = (self.marked + step) % len(self.matches)
        top = min(max(self.top, marked - rows + 1), marked)
        return replace(self, marked=marked, top=top)

"""Which part of a history is shown within a budget of tokens: pure decisions, no rendering."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from agentick_core.errors import ValidationError
from agentick_core.messages.message import Message, Role
from agentick_core.messages.timeline import TimelineEntry

Entries: TypeAlias = tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBudget:
    """How the budget of a timeline stands, in estimated tokens.

    `effective_budget` is `max_tokens` less the headroom. `current_tokens` counts the whole request: the history
    that is shown, the new messages, and everything beside the timeline. `evicted_count` is how many entries are
    left out.
    """

    max_tokens: int
    effective_budget: int
    current_tokens: int
    evicted_count: int = 0
    is_compacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a strategy has to fit the history into: `max_tokens` is what is left for it, `current_tokens` what it
    takes as it is."""

    max_tokens: int
    current_tokens: int


class Compaction(NamedTuple):
    """The entries that are shown and those that are left out, both in order."""

    kept: Sequence[TimelineEntry]
    evicted: Sequence[TimelineEntry] = ()


CompactionFunction: TypeAlias = Callable[
    [Entries, Room, str | None], tuple[Sequence[TimelineEntry], Sequence[TimelineEntry]]
]
Strategy: TypeAlias = Literal["none", "truncate", "sliding-window", "summarize"] | CompactionFunction
STRATEGIES = ("none", "truncate", "sliding-window", "summarize")


def compact(
    history: Entries,
    room: Room,
    strategy: Strategy = "sliding-window",
    *,
    preserve: Sequence[Role] = ("system",),
    guidance: str | None = None,
    sizes: Sequence[int],
) -> Compaction:
    """Choose what is shown of a history that takes more than its room; what fits is left as it is.

    What is kept is the newest part without a gap, beside what is preserved; a tool call and its result stay or
    go together. `sizes` are the tokens of each entry.

    Raises:
        ValidationError: there is no strategy of that name.
    """
    if strategy == "none" or room.current_tokens <= room.max_tokens:
        return Compaction(history)
    if callable(strategy):
        kept, evicted = strategy(history, room, guidance)
        return Compaction(tuple(kept), tuple(evicted))
    match strategy:
        case "truncate":
            kept_at = newest_that_fit(history, sizes, room.max_tokens)
        case "sliding-window" | "summarize":
            kept_at = newest_that_fit(history, sizes, room.max_tokens, preserve)
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # callers without a type checker come here
            raise ValidationError(
                f"There is no compaction strategy {strategy!r}", hint=f"Use one of {', '.join(STRATEGIES)}."
            )
    return divided(history, kept_at)


def divided(history: Entries, kept_at: frozenset[int]) -> Compaction:
    """Divide a history into the entries at these places and the others."""
    return Compaction(
        tuple(entry for place, entry in enumerate(history) if place in kept_at),
        tuple(entry for place, entry in enumerate(history) if place not in kept_at),
    )


def newest_that_fit(
    history: Entries, sizes: Sequence[int], tokens: int, preserve: Sequence[Role] = ()
) -> frozenset[int]:
    """Give the places of what is preserved, and of the longest unbroken end that fits beside it."""
    groups = _groups(history)
    always = {place for group in groups if _is_preserved(history, group, preserve) for place in group}
    left = tokens - sum(sizes[place] for place in always)
    kept = set(always)
    for group in reversed(groups):
        added = [place for place in group if place not in always]
        cost = sum(sizes[place] for place in added)
        if cost > left:
            break
        left -= cost
        kept.update(added)
    return frozenset(kept)


def _is_preserved(history: Entries, group: range, preserve: Sequence[Role]) -> bool:
    return any(history[place].message.role in preserve for place in group)


def _groups(history: Entries) -> list[range]:
    """Cut the history wherever no tool call is apart from its result; both may lie several entries apart."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, entry in enumerate(history):
        for id in _call_ids(entry.message):
            first.setdefault(id, place)
            last[id] = place
    reach = list(range(len(history)))
    for id, place in first.items():
        reach[place] = max(reach[place], last[id])
    groups: list[range] = []
    start = end = 0
    for place in range(len(history)):
        if place > end:
            groups.append(range(start, place))
            start = place
        end = max(end, reach[place])
    if history:
        groups.append(range(start, len(history)))
    return groups


def _call_ids(message: Message) -> Iterable[str]:
    yield from (use.tool_use_id for use in message.tool_uses)
    yield from (result.tool_use_id for result in message.tool_results)

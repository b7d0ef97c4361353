"""The history within a budget of tokens: measured against the whole request, cut, and summed up where wanted."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from agentick_core.compile.compaction import (
    STRATEGIES,
    Compaction,
    Room,
    Strategy,
    TokenBudget,
    compact,
    divided,
    newest_that_fit,
)
from agentick_core.compile.tokens import TextEstimator, estimate_message, estimate_text
from agentick_core.components.entries import History, at_its_place, paired, shown
from agentick_core.components.summary import (
    SUMMARY_KEY,
    Summarize,
    cut_to,
    summary_entry,
    summary_of,
)
from agentick_core.errors import ValidationError
from agentick_core.hooks.effect import use_effect
from agentick_core.hooks.lifecycle import use_after_compile
from agentick_core.hooks.state import use_ref
from agentick_core.hooks.timeline import TimelineContext, use_tick_state
from agentick_core.messages.message import Role
from agentick_core.tree.host import SessionState
from agentick_core.tree.tick_state import TickState

if TYPE_CHECKING:
    from agentick_core.compile.compiled import CompiledTree
    from agentick_core.tree.hook_events import Compiled

# What a summary may take of the history's room, and what is kept beside it: so there is room to grow into, and
# the next summary is many ticks away.
SUMMARY_SHARE = 4
KEPT_SHARE = 2

# How much of the room is filled after a step: what follows is left out many ticks later, and all at once.
STEP_SHARE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a history is cut; without `max_tokens` it is not. Cut `in_steps`, it begins at the same entry
    as long as that fits."""

    max_tokens: int | None = None
    strategy: Strategy = "sliding-window"
    headroom: int = 0
    preserve_roles: Sequence[Role] = ("system",)
    in_steps: bool = False
    guidance: str | None = None
    on_evict: Callable[[History], object] | None = None
    summarize: Summarize | None = None

    def __post_init__(self) -> None:
        if not (self.strategy in STRATEGIES or callable(self.strategy)):
            raise ValidationError(
                f"There is no compaction strategy {self.strategy!r}",
                hint=f"Use one of {', '.join(STRATEGIES)}.",
            )
        if not isinstance(cast("object", self.max_tokens), int | None):
            raise ValidationError(
                f"max_tokens cannot be {self.max_tokens!r}",
                hint='Give a number of tokens, "window", or None.',
            )
        if self.strategy == "summarize" and self.summarize is None:
            raise ValidationError(
                'A timeline with strategy="summarize" needs somebody who writes the summary',
                hint="Pass summarize=, an async function of the entries and the guidance, or a model.",
            )


@dataclass(slots=True)
class Measured:
    """What is known from pass to pass: the tokens beside the timeline, the tick they were measured in, the tick in
    which a summary was asked for, and the entry up to which was left out."""

    beside: int = 0
    tick: tuple[str, int] | None = None
    asked: tuple[str, int] | None = None
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What is shown of a history, and what is not; `wanted` is what has to be summed up within `tokens`."""

    kept: History
    evicted: History = ()
    wanted: History = ()
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How entries are weighed, and what room there is for them."""

    room: int
    estimator: TextEstimator = estimate_text
    preserve: tuple[Role, ...] = field(default=())

    def sizes(self, entries: History) -> list[int]:
        """Give the tokens of each entry: what it carries, else an estimate of what is shown of it."""
        return [
            entry.tokens if entry.tokens is not None else estimate_message(message, self.estimator)
            for entry, message in zip(entries, shown(entries), strict=True)
        ]

    def total(self, entries: History) -> int:
        """Give the tokens of the entries together."""
        return sum(self.sizes(entries))


def use_compaction(history: History, terms: Terms) -> TimelineContext:
    """Give what is shown of the history within the terms.

    What stands beside the timeline is known after a pass: where that leaves other room than was thought, the
    tree is rendered once more. It only ever shrinks the room within one tick, so that this comes to an end.
    """
    tick = use_tick_state()
    measured = use_ref(Measured()).current
    estimator = tick.sizing.estimator if tick.sizing is not None else estimate_text
    new = sum(estimate_message(message, estimator) for message in tick.queued_messages)
    room = (terms.max_tokens or 0) - terms.headroom - measured.beside - new
    scale = Scale(room=room, estimator=estimator, preserve=tuple(terms.preserve_roles))
    cut = cut_in_steps(history, terms, scale, measured) or _cut(history, terms, scale, tick.ctx.state)
    messages = (*shown(cut.kept), *map(at_its_place, tick.queued_messages))
    context = TimelineContext(history=cut.kept, pending=tick.queued_messages, messages=messages, budget=None)
    if terms.max_tokens is not None:
        used = measured.beside + new + scale.total(cut.kept)
        context = replace(context, budget=_budget(terms.max_tokens, terms.headroom, used, cut))
        tick.board.budget = context.budget

    @use_after_compile
    async def after_compile(event: "Compiled[CompiledTree]") -> None:
        if terms.max_tokens is None:
            return
        if tick.board.is_stale():
            event.ctx.request_recompile("the budget of the timeline was read before it was known")
        if await _measure(measured, tick, event.compiled, context):
            event.ctx.request_recompile("what stands beside the timeline leaves it other room")
        elif cut.wanted and measured.asked != (tick.execution_id, tick.tick):
            measured.asked = (tick.execution_id, tick.tick)
            await _sum_up(cut, terms, estimator, tick)

    @use_effect(deps=tuple(entry.id for entry in cut.evicted))
    def tell() -> "Coroutine[Any, Any, object] | None":
        told = terms.on_evict(cut.evicted) if cut.evicted and terms.on_evict is not None else None
        return told if inspect.iscoroutine(told) else None

    assert callable(after_compile), "both are registered by their decorators"
    assert callable(tell), "both are registered by their decorators"
    return context


def _budget(max_tokens: int, headroom: int, used: int, cut: Cut) -> TokenBudget:
    return TokenBudget(
        max_tokens=max_tokens,
        effective_budget=max_tokens - headroom,
        current_tokens=used,
        evicted_count=len(cut.evicted),
        is_compacted=bool(cut.evicted),
    )


def _cut(history: History, terms: Terms, scale: Scale, state: SessionState) -> Cut:
    if terms.max_tokens is None:
        return Cut(kept=history)
    sizes = scale.sizes(history)
    room = Room(max_tokens=scale.room, current_tokens=sum(sizes))
    if terms.strategy == "summarize" and room.current_tokens > room.max_tokens:
        return _summed_up(history, sizes, scale, state)
    cut = compact(
        history, room, terms.strategy, preserve=scale.preserve, guidance=terms.guidance, sizes=sizes
    )
    if not cut.evicted:
        return Cut(kept=tuple(cut.kept))
    return Cut(kept=paired(cut.kept), evicted=tuple(cut.evicted))


def cut_in_steps(history: History, terms: Terms, scale: Scale, measured: Measured) -> Cut | None:
    """Cut where the last cut was as long as that fits, else further on than needed; None where it is not so cut."""
    if not terms.in_steps or terms.strategy not in ("sliding-window", "truncate"):
        return None
    sizes = scale.sizes(history)
    if sum(sizes) <= scale.room:
        return None
    preserve = scale.preserve if terms.strategy == "sliding-window" else ()
    begin = next((place for place, entry in enumerate(history, 1) if entry.id == measured.left_out), 0)
    always = newest_that_fit(history[:begin], sizes, 0, preserve)
    same = divided(history, always | frozenset(range(begin, len(history))))
    if not begin or scale.total(paired(same.kept)) > scale.room:
        step = newest_that_fit(history, sizes, round(scale.room * STEP_SHARE), preserve)
        if len(history) - 1 not in step:
            step = newest_that_fit(history, sizes, scale.room, preserve)
        same = divided(history, _from_a_question(history, step, preserve))
    measured.left_out = same.evicted[-1].id if same.evicted else None
    return Cut(kept=paired(same.kept), evicted=tuple(same.evicted))


def _from_a_question(history: History, kept_at: frozenset[int], preserve: Sequence[Role]) -> frozenset[int]:
    """Leave out what stands before the first question of what is kept, where there is one."""
    asked = next((place for place in sorted(kept_at) if history[place].message.role == "user"), 0)
    return frozenset(p for p in kept_at if p >= asked or history[p].message.role in preserve)


def _summed_up(history: History, sizes: list[int], scale: Scale, state: SessionState) -> Cut:
    """Cut where the last summary ends as long as that fits; else further on, where room to grow is left."""
    known = cast("dict[str, Any]", state.get(SUMMARY_KEY) or {})
    upto = next((place for place, entry in enumerate(history) if entry.id == known.get("upto")), None)
    before: History = (summary_entry(known["text"]),) if known.get("text") and upto is not None else ()
    if upto is not None:
        preserved = newest_that_fit(history[: upto + 1], sizes, 0, scale.preserve)
        old = divided(history, preserved | frozenset(range(upto + 1, len(history))))
        kept = (*before, *old.kept)
        if scale.total(kept) <= scale.room:
            return Cut(kept=paired(kept), evicted=tuple(old.evicted))
    tokens = max(0, scale.room // SUMMARY_SHARE)
    cut = _roomy(history, sizes, scale, tokens)
    last = history.index(cut.evicted[-1]) if cut.evicted else -1
    newly = (
        cut.evicted if upto is None else tuple(e for e in cut.evicted if e in history[upto + 1 : last + 1])
    )
    return Cut(kept=tuple(cut.kept), evicted=tuple(cut.evicted), wanted=(*before, *newly), tokens=tokens)


def _roomy(history: History, sizes: list[int], scale: Scale, summary: int) -> Compaction:
    for tokens in (scale.room // KEPT_SHARE, scale.room - summary):
        kept_at = newest_that_fit(history, sizes, tokens, scale.preserve)
        if len(history) - 1 in kept_at:
            return divided(history, kept_at)
    return divided(history, newest_that_fit(history, sizes, scale.room - summary, scale.preserve))


async def _measure(
    measured: Measured, tick: TickState, compiled: "CompiledTree", context: TimelineContext
) -> bool:
    """Measure what stands beside the timeline; tell whether it leaves another room than was thought."""
    if tick.sizing is None:
        return False
    own = {id(message) for message in context.messages}
    own |= {id(entry.message) for entry in context.history}
    others = tuple(message for message in compiled.messages if id(message) not in own)
    beside = await tick.sizing.request(replace(compiled, messages=others))
    mark = (tick.execution_id, tick.tick)
    if beside == measured.beside or (measured.tick == mark and beside < measured.beside):
        measured.tick = mark
        return False
    measured.tick, measured.beside = mark, beside
    return True


async def _sum_up(cut: Cut, terms: Terms, estimator: TextEstimator, tick: TickState) -> None:
    if terms.summarize is None:
        return
    said = await summary_of(terms.summarize, cut.wanted, terms.guidance, tick.ask_aside)
    text = cut_to(said, cut.tokens, estimator)
    tick.ctx.state.set(SUMMARY_KEY, {"upto": cut.evicted[-1].id, "text": text})
    tick.ctx.request_recompile("a part of the timeline was summed up")

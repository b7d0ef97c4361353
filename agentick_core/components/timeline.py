"""The conversation so far, and the messages of this tick, perhaps within a budget of tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from agentick_core.compile.compaction import Strategy, TokenBudget
from agentick_core.components.compacted import Terms, use_compaction
from agentick_core.components.entries import History, at_its_place, paired, shown
from agentick_core.components.structure import Messages
from agentick_core.components.summary import Summarize
from agentick_core.errors import ValidationError
from agentick_core.hooks.timeline import (
    TIMELINE_CONTEXT,
    TimelineContext,
    use_tick_state,
    use_timeline_context,
)
from agentick_core.messages.message import Message, Role
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Nodes
from agentick_core.tree.tick_state import TickState

MaxTokens: TypeAlias = int | Literal["window"] | None
TimelineRender: TypeAlias = Callable[[History, tuple[Message, ...], TokenBudget | None], Nodes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which entries of the history are there at all, before any budget."""

    filter: Callable[[TimelineEntry], bool] | None = None
    roles: Sequence[Role] | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        limit = cast("object", self.limit)
        if not (limit is None or (isinstance(limit, int) and limit >= 0)):
            raise ValidationError(
                f"A timeline cannot be limited to {limit!r} entries",
                hint="Give a number of entries, or None.",
            )

    def of(self, history: History) -> History:
        """Choose; a tool call stays only together with its result."""
        chosen = history
        if self.roles is not None:
            chosen = tuple(entry for entry in chosen if entry.message.role in self.roles)
        if self.filter is not None:
            chosen = tuple(entry for entry in chosen if self.filter(entry))
        if self.limit is not None:
            chosen = chosen[max(0, len(chosen) - self.limit) :]
        return history if len(chosen) == len(history) else paired(chosen)


@component
def Timeline(
    *,
    filter: Callable[[TimelineEntry], bool] | None = None,
    roles: Sequence[Role] | None = None,
    limit: int | None = None,
    max_tokens: MaxTokens = None,
    strategy: Strategy = "sliding-window",
    headroom: int = 0,
    preserve_roles: Sequence[Role] = ("system",),
    guidance: str | None = None,
    on_evict: Callable[[History], object] | None = None,
    summarize: Summarize | None = None,
    render: TimelineRender | None = None,
) -> Nodes:
    """Show the history and then the messages of this tick.

    `roles` and `filter` choose among the history, `limit` keeps its newest entries; a tool call is shown only
    together with its result. `render` gets the history chosen, the new messages and the token budget (None
    without one), and says itself what is shown; `shown` and `Messages` help with that.

    `max_tokens` is for the whole request: the history gets what system texts, sections, tools and the new messages
    leave of it, less `headroom`. "window" is what the model in use takes beside its answer; more than is needed
    is left out then, so that the beginning stays as it is for many ticks, and a provider can cache it.

    What does not fit is left out by the `strategy`, oldest first and without a gap: "sliding-window" keeps the
    roles in `preserve_roles` all the same, "truncate" does not, "summarize" puts in its place what `summarize`
    makes of it (a function, or a model), "none" leaves nothing out, and a function
    `(entries, room, guidance) -> (kept, evicted)` decides itself. `on_evict` is told what was left out. The
    session's timeline stays as it is.
    """
    tick = use_tick_state()
    history = Choice(filter=filter, roles=roles, limit=limit).of(tick.timeline)
    terms = Terms(
        max_tokens=_tokens(max_tokens, tick), strategy=strategy, headroom=headroom, preserve_roles=preserve_roles,
        in_steps=max_tokens == "window", guidance=guidance, on_evict=on_evict, summarize=summarize,
    )  # fmt: skip
    if terms.max_tokens is None:
        messages = (*shown(history), *map(at_its_place, tick.queued_messages))
        whole = TimelineContext(history=history, pending=tick.queued_messages, messages=messages, budget=None)
        return _nodes(whole, render)
    return (TimelineWithin(history, terms, render),)


@component
def TimelineWithin(history: History, terms: Terms, render: TimelineRender | None) -> Nodes:
    """Show the history within a budget."""
    return _nodes(use_compaction(history, terms), render)


@component
def TimelineProvider(
    *children: Child,
    filter: Callable[[TimelineEntry], bool] | None = None,
    roles: Sequence[Role] | None = None,
    limit: int | None = None,
    max_tokens: MaxTokens = None,
    strategy: Strategy = "sliding-window",
    headroom: int = 0,
    preserve_roles: Sequence[Role] = ("system",),
    guidance: str | None = None,
    on_evict: Callable[[History], object] | None = None,
    summarize: Summarize | None = None,
) -> Nodes:
    """Show nothing, and give the components below what a `Timeline` with these options would show.

    `TimelineMessages` shows it there, and `use_timeline_context` reads it.
    """
    tick = use_tick_state()
    history = Choice(filter=filter, roles=roles, limit=limit).of(tick.timeline)
    terms = Terms(
        max_tokens=_tokens(max_tokens, tick), strategy=strategy, headroom=headroom, preserve_roles=preserve_roles,
        in_steps=max_tokens == "window", guidance=guidance, on_evict=on_evict, summarize=summarize,
    )  # fmt: skip
    return (TIMELINE_CONTEXT.provide(use_compaction(history, terms), *children),)


@component
def TimelineMessages(*, render: TimelineRender | None = None) -> Nodes:
    """Show what the `TimelineProvider` above gives."""
    return _nodes(use_timeline_context(), render)


def _tokens(max_tokens: MaxTokens, tick: TickState) -> int | None:
    if max_tokens != "window":
        return max_tokens
    return tick.sizing.window if tick.sizing is not None else None


def _nodes(context: TimelineContext, render: TimelineRender | None) -> Nodes:
    if render is not None:
        return render(context.history, context.pending, context.budget)
    return Messages(*context.messages)

"""What one tick is while it is compiled, what it was when it is over, and what may be decided then."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_core.messages.blocks import Block
from agentick_core.messages.context_info import ContextInfo
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.tree.host import SessionContext

if TYPE_CHECKING:
    from agentick_core.compile.compaction import TokenBudget
    from agentick_core.compile.tokens import Sizing


@dataclass(frozen=True, slots=True)
class Stop:
    """Let the execution end after this tick; `reason` becomes its stop reason."""

    reason: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Continue:
    """Let another tick follow this one."""

    reason: str | None = None
    priority: int = 0


Verdict: TypeAlias = Stop | Continue | Mapping[str, Any] | bool | None
"""What a tick-end callback returns; a mapping has `stop` or `continue`, True or False, and perhaps a `reason` and a
`priority`."""


_MORE = frozenset(("reason", "priority"))


@dataclass(frozen=True, slots=True)
class Decided:
    """What the tick-end callbacks have decided, with the reason of whoever decided last."""

    should_continue: bool
    reason: str | None = None


@dataclass(slots=True)
class BudgetBoard:
    """Where the timeline of a tick tells its budget; `seen` is what was read there in the last render."""

    budget: "TokenBudget | None" = None
    seen: "list[TokenBudget | None]" = field(default_factory=list["TokenBudget | None"])

    def read(self) -> "TokenBudget | None":
        """Give the budget, and remember that it was read."""
        self.seen.append(self.budget)
        return self.budget

    def is_stale(self) -> bool:
        """Tell whether somebody has read another budget than there is now; whoever asks begins anew."""
        seen, self.seen = self.seen, []
        return any(read != self.budget for read in seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickState:
    """The tick that is being compiled, as components and tick-start callbacks see it.

    `tick` counts from 1 in each execution and is 0 outside of one; `queued_messages` are those that this tick
    shows for the first time. `context_info` tells of the last tick, `sizing` counts tokens, `ask_aside` asks a
    model beside the conversation, and `board` shows the budget of the timeline.
    """

    ctx: SessionContext
    tick: int = 0
    execution_id: str = ""
    queued_messages: tuple[Message, ...] = ()
    context_info: ContextInfo | None = None
    sizing: "Sizing | None" = None
    ask_aside: Callable[[Any, ModelRequest], Awaitable[str]] | None = None
    board: BudgetBoard = field(default_factory=BudgetBoard, repr=False, compare=False)
    stops: list[str] = field(default_factory=list[str], repr=False, compare=False)

    def stop(self, reason: str = "stopped") -> None:
        """End the execution without asking the model; the first reason counts."""
        self.stops.append(reason)

    @property
    def timeline(self) -> tuple[TimelineEntry, ...]:
        """The entries that the session shows now; while the tick is compiled there are none of its own."""
        return self.ctx.timeline.entries

    @property
    def tick_number(self) -> int:
        """The tick; 0 outside of one."""
        return self.tick

    @property
    def stop_reason(self) -> str | None:
        """Why a component wants the execution to end, or None."""
        return self.stops[0] if self.stops else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickResult:
    """What a tick gave, as tick-end callbacks see it; `should_continue` is what was decided so far.

    `text` and `content` are the model's answer, `timeline` the entries that this tick committed.
    """

    ctx: SessionContext
    tick: int
    should_continue: bool
    text: str = ""
    content: tuple[Block, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    stop_reason: str | None = None
    usage: Usage = NO_USAGE
    timeline: tuple[TimelineEntry, ...] = ()
    verdicts: list[Stop | Continue] = field(default_factory=list[Stop | Continue], repr=False, compare=False)

    @property
    def response(self) -> str:
        """The text of the model's answer."""
        return self.text

    def stop(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Let the execution end after this tick; the same as returning `Stop`."""
        self.verdicts.append(Stop(reason, priority))

    def continue_(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Let another tick follow; the same as returning `Continue`."""
        self.verdicts.append(Continue(reason, priority))

    def after(self, decided: Decided) -> "TickResult":
        """Give the result as the next callback sees it."""
        return replace(self, should_continue=decided.should_continue, verdicts=[])


def decide(before: Decided, returned: Verdict, asked: Sequence[Stop | Continue]) -> Decided:
    """Weigh what one callback returned and asked for: a stop beats a continue, then the higher priority."""
    match returned:
        case None:
            verdicts = [*asked]
        case bool():
            verdicts = [*asked, Continue() if returned else Stop()]
        case Stop() | Continue():
            verdicts = [*asked, returned]
        case {"stop": bool(stops), **rest} if rest.keys() <= _MORE:
            verdicts = [*asked, *([Stop(**rest)] if stops else [])]
        case {"continue": bool(goes_on), **rest} if rest.keys() <= _MORE:
            verdicts = [*asked, Continue(**rest) if goes_on else Stop(**rest)]
        case _:
            raise TypeError(
                'A tick-end callback returns {"stop": True}, {"continue": True}, '
                f"Stop, Continue, bool or None, not {returned!r}"
            )
    if not verdicts:
        return before
    winner = max(verdicts, key=lambda verdict: (isinstance(verdict, Stop), verdict.priority))
    return Decided(isinstance(winner, Continue), winner.reason)

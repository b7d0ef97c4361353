"""What the running of tools needs of the session, or of whoever else hosts it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from agentick_core.clock import Clock
from agentick_core.events.emitter import Emitter
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.token import CancelToken
from agentick_core.tools.confirm import AllowRule, AllowRules, ConfirmationDesk, ConfirmationRequest, Decision
from agentick_core.tools.context import Origin, ToolContext
from agentick_core.tools.merge import BoundTool, ToolRegistry
from agentick_core.tools.threads import ToolThreads
from agentick_core.tools.tool import Tool
from agentick_core.tools.waiting import ClientAnswers

Ask: TypeAlias = Callable[[ConfirmationRequest], Decision | bool | Awaitable[Decision | bool | None] | None]


class RunOn(Protocol):
    """What goes on with a call: the same one, or another in its place. Never raises but for a cancellation."""

    def __call__(self, call: ToolCall | None = None, /) -> Awaitable[ToolResult]:
        """Ask for the confirmation and run the tool."""
        ...


class ToolRunner(Protocol):
    """Stands before the tools that a model calls; may answer in a tool's place."""

    def execute_tool_call(
        self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn, /
    ) -> Awaitable[ToolResult]:
        """Run one call; `tool` is None where there is none of that name."""
        ...


class ToolHost(Protocol):
    """Everything that one call of a tool needs. What lives as long as the session: desk, answers, rules, threads."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def emitter(self) -> Emitter:
        """Where events go."""
        ...

    @property
    def token(self) -> CancelToken:
        """What stops the calls."""
        ...

    @property
    def registry(self) -> ToolRegistry:
        """The tools there are at this moment."""
        ...

    @property
    def desk(self) -> ConfirmationDesk:
        """The requests that wait for a person."""
        ...

    @property
    def answers(self) -> ClientAnswers:
        """The client tools that wait for their result."""
        ...

    @property
    def rules(self) -> AllowRules:
        """What needs no person any more."""
        ...

    @property
    def threads(self) -> ToolThreads:
        """Where synchronous handlers run."""
        ...

    @property
    def runner(self) -> ToolRunner | None:
        """What stands before the tools that a model calls."""
        ...

    @property
    def ask(self) -> Ask | None:
        """What is asked before a person: None as its answer asks on."""
        ...

    @property
    def confirmation_timeout(self) -> float | None:
        """The seconds after which a question that no person has answered is a refusal; None waits for ever."""
        ...

    @property
    def results_folder(self) -> Path | None:
        """Where results that are too long for the model are kept whole; None keeps none."""
        ...

    def asking(self, call_id: str) -> AbstractAsyncContextManager[None]:
        """Keep, while somebody is asked about a call of the model, that it has not begun."""
        ...

    def allow(self, rule: AllowRule) -> None:
        """Keep a rule from now on, and let run what it covers of that which waits."""
        ...

    def middleware(self, name: str) -> Sequence[Middleware]:
        """Give the middleware for calls of that name, outermost first."""
        ...

    def context_for(self, call: ToolCall, bound: BoundTool, origin: Origin) -> ToolContext:
        """Make the context that the tool gets for this call."""
        ...

    def record_output(self, name: str, input: Any) -> None:
        """Keep what an output tool was given, as an output of the execution."""
        ...

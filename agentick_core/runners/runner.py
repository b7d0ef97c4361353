"""The protocol of execution runners: six hooks, each of which may be there or not, and may be async or not."""

from collections.abc import Awaitable, Sequence
from typing import Any, Final, Protocol, TypeAlias

from agentick_core.errors import ValidationError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.tools.host import RunOn
from agentick_core.tools.tool import Tool


class SessionRef(Protocol):
    """What a runner may know of the session it works for."""

    @property
    def id(self) -> str:
        """The session's id."""
        ...

    @property
    def status(self) -> str:
        """Whether it is idle, running or closed."""
        ...

    @property
    def current_tick(self) -> int:
        """The tick that runs; when idle, the last one plus one."""
        ...

    def snapshot(self) -> SessionSnapshot:
        """Give the session as it would be stored now."""
        ...


class BeginsSessions(Protocol):
    """A runner that sets something up for each session."""

    def on_session_init(self, session: SessionRef, /) -> Awaitable[object] | object:
        """Called once for a session, before anything is compiled; what it raises fails the send that needed it,
        and it is called again for the next."""
        ...


class TransformsRequests(Protocol):
    """A runner that changes what the model sees."""

    def transform_compiled(
        self, compiled: ModelRequest, tools: Sequence[Tool[..., Any]], /
    ) -> Awaitable[ModelRequest | None] | ModelRequest | None:
        """Called once for each call of the model, with the tools it may call; gives another request, or None to
        leave it. What it raises fails the send."""
        ...


class RunsToolCalls(Protocol):
    """A runner that stands before the tools that the model calls."""

    def execute_tool_call(
        self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn, /
    ) -> Awaitable[ToolResult | None] | ToolResult | None:
        """Called for each call but those of output tools and of a user; `tool` is None where there is none of
        that name. `await next()` asks for the confirmation and runs the tool; None stands for its result."""
        ...


class ChangesSnapshots(Protocol):
    """A runner that has a say in what is stored."""

    def on_persist(
        self, session: SessionRef, snapshot: SessionSnapshot, /
    ) -> Awaitable[SessionSnapshot | None] | SessionSnapshot | None:
        """Called once for each send where there is a store; gives the snapshot that is stored, or None for the
        one it got. What it raises fails the send."""
        ...


class FollowsRestores(Protocol):
    """A runner that brings back what it had set up."""

    def on_restore(self, session: SessionRef, snapshot: SessionSnapshot, /) -> Awaitable[object] | object:
        """Called once for a session that came from the store, after `on_session_init`."""
        ...


class EndsSessions(Protocol):
    """A runner that takes down what it had set up."""

    def on_destroy(self, session: SessionRef, /) -> Awaitable[object] | object:
        """Called once when a session closes, if `on_session_init` had its turn; what it raises is reported."""
        ...


ExecutionRunner: TypeAlias = (
    BeginsSessions | TransformsRequests | RunsToolCalls | ChangesSnapshots | FollowsRestores | EndsSessions
)

HOOKS: Final = (
    "on_session_init",
    "transform_compiled",
    "execute_tool_call",
    "on_persist",
    "on_restore",
    "on_destroy",
)


def checked_runner(runner: ExecutionRunner | None) -> ExecutionRunner | None:
    """Give the runner back.

    Raises:
        ValidationError: it has none of the hooks, or is a class.
    """
    if isinstance(runner, type):
        raise ValidationError(
            f"{runner.__name__} is a class, not a runner", hint=f"Make one: {runner.__name__}()."
        )
    if runner is not None and not any(callable(getattr(runner, name, None)) for name in HOOKS):
        raise ValidationError(
            f"{type(runner).__name__} is no runner: it has none of the hooks",
            hint=f"A runner has one or more of {', '.join(HOOKS)}.",
        )
    return runner

"""A runner that notes what it is asked, and does as a test tells it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from agentick_core.messages.blocks import NO_METADATA, ContentLike
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.runners.runner import SessionRef
from agentick_core.tools.coerce import coerce
from agentick_core.tools.host import RunOn
from agentick_core.tools.tool import Tool

Intercept: TypeAlias = str | Callable[[ToolCall], ContentLike]


@dataclass(frozen=True, slots=True)
class RunnerCall:
    """One call of a hook; `about` is the id of the session, or the name of the tool, or the number of tools."""

    hook: str
    about: str


class TrackedRunner:
    """A runner with all six hooks: `calls` lists what it was asked, `restored` what came back with a session.

    `tracker` is the list to note in, which several runners may share. `intercept_tools` answers the named tools in
    their place, with a text or with what a function of the call gives. `transform` gives the request in place of
    the one there is. `persist_data` is stored with the session, in `snapshot.extra`.
    """

    def __init__(
        self,
        *,
        tracker: list[RunnerCall] | None = None,
        intercept_tools: Mapping[str, Intercept] = NO_METADATA,
        transform: Callable[[ModelRequest], ModelRequest] | None = None,
        persist_data: Mapping[str, Any] = NO_METADATA,
    ) -> None:
        self.calls: list[RunnerCall] = [] if tracker is None else tracker
        self.restored: Mapping[str, Any] = NO_METADATA
        self._intercept = intercept_tools
        self._transform = transform
        self._persist_data = persist_data

    @property
    def hooks(self) -> tuple[str, ...]:
        """The names of the hooks that were called, in order."""
        return tuple(call.hook for call in self.calls)

    def on_session_init(self, session: SessionRef, /) -> None:
        """Note that a session begins."""
        self._note("on_session_init", session.id)

    def transform_compiled(self, compiled: ModelRequest, tools: Sequence[Tool[..., Any]], /) -> ModelRequest:
        """Note how many tools the model may call, and give the request that is sent."""
        self._note("transform_compiled", str(len(tools)))
        return compiled if self._transform is None else self._transform(compiled)

    async def execute_tool_call(
        self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn, /
    ) -> ToolResult:
        """Note the tool, and answer in its place where that was asked for."""
        self._note("execute_tool_call", call.name)
        answer = self._intercept.get(call.name)
        if answer is None:
            return await next()
        content = answer if isinstance(answer, str) else answer(call)
        return ToolResult(call.call_id, call.name, coerce(content))

    def on_persist(self, session: SessionRef, snapshot: SessionSnapshot, /) -> SessionSnapshot:
        """Note the session, and give the data along."""
        self._note("on_persist", session.id)
        return replace(snapshot, extra={**snapshot.extra, **self._persist_data})

    def on_restore(self, session: SessionRef, snapshot: SessionSnapshot, /) -> None:
        """Note the session, and what came back with it."""
        self._note("on_restore", session.id)
        self.restored = snapshot.extra

    def on_destroy(self, session: SessionRef, /) -> None:
        """Note that a session ends."""
        self._note("on_destroy", session.id)

    def _note(self, hook: str, about: str) -> None:
        self.calls.append(RunnerCall(hook, about))

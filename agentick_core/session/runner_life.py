"""A runner's work for one session: begun before anything else happens in it, asked in each tick, ended once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agentick_core.compile.tokens import estimate_request
from agentick_core.errors import ValidationError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.sparing import sparing_the_caller
from agentick_core.runners.runner import SessionRef
from agentick_core.session.app.host_hooks import checked_snapshot
from agentick_core.session.app.resolve import NOTHING_RESOLVED, resolve_all
from agentick_core.session.patience import in_time
from agentick_core.tools.approve import resolved
from agentick_core.tools.coerce import coerce
from agentick_core.tools.host import RunOn, ToolRunner
from agentick_core.tools.tool import Tool

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


class RunnerLife:
    """Calls the hooks that the session's runner has.

    `ready` is awaited before anything happens in the session. It is tried as soon as the session is opened; what
    was raised then is raised to the first who needs the session, and whoever comes after tries again.
    """

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._runner = core.options.runner
        self._ref: SessionRef | None = None
        self._lock = asyncio.Lock()
        self._error: Exception | None = None
        self._begun = self._restored = self._ready = False
        self._from_store: SessionSnapshot | None = None
        self.resolved = NOTHING_RESOLVED

    @property
    def tools(self) -> ToolRunner | None:
        """What stands before the tools that the model calls."""
        hook = self._hook("execute_tool_call")
        return None if hook is None else _ToolCalls(hook)

    @property
    def has_a_say_in_persists(self) -> bool:
        """Whether the runner may change what is stored."""
        return self._hook("on_persist") is not None

    def belongs_to(self, ref: SessionRef) -> None:
        """Take the session that the runner is shown."""
        self._ref = ref

    def came_from_store(self, snapshot: SessionSnapshot) -> None:
        """Know that the session was restored from this."""
        self._from_store = snapshot

    async def get_ready_early(self) -> None:
        """Get ready now; what goes wrong is for the first who needs the session."""
        try:
            await self.ready()
        # A runner is the host's code: its failure is that of the send which needs it.
        except Exception as error:
            self._error = error

    async def ready(self) -> None:
        """Make sure that the runner was told of the session, and that what is to be resolved is.

        Raises what the runner, or what resolves, raises.
        """
        if self._ready:
            return
        error, self._error = self._error, None
        if error is not None:
            raise error
        async with self._lock:
            if not self._ready:
                await self._get_ready()

    async def transformed(self, request: ModelRequest) -> ModelRequest:
        """Give the request that is sent."""
        hook = self._hook("transform_compiled")
        if hook is None:
            return request
        answer = await hook(request, self._model_tools())
        if answer is None or answer is request:
            return request
        if isinstance(answer, ModelRequest):
            tokens = estimate_request(answer, self._core.estimates.estimator())
            return replace(answer, estimated_tokens=tokens)
        raise ValidationError(
            f"transform_compiled gave a value of type {type(answer).__name__}, not a request",
            hint="Use dataclasses.replace(compiled, ...), or give None to leave it as it is.",
        )

    async def persisted(self, snapshot: SessionSnapshot) -> SessionSnapshot:
        """Give the snapshot that is stored."""
        hook = self._hook("on_persist")
        if hook is None:
            return snapshot
        answer = await hook(self._ref, snapshot)
        return snapshot if answer is None else checked_snapshot("on_persist", answer, snapshot)

    async def destroy(self) -> None:
        """Tell the runner that the session ends, if it was told that it began."""
        hook = self._hook("on_destroy")
        if hook is None or not self._begun:
            return
        self._begun = False
        try:
            await in_time("runner.on_destroy", partial(hook, self._ref))
        # The session closes whatever the runner does.
        except Exception as error:
            self._core.report_error(error, "runner.on_destroy")

    async def _get_ready(self) -> None:
        if not self._begun:
            if (begin := self._hook("on_session_init")) is not None:
                await begin(self._ref)
            self._begun = True
        if self._from_store is not None:
            await self._bring_back(self._from_store)
        self._ready = True

    async def _bring_back(self, snapshot: SessionSnapshot) -> None:
        if not self._restored:
            if (restore := self._hook("on_restore")) is not None:
                await restore(self._ref, snapshot)
            self._restored = True
        resolve = self._core.options.resolve
        if resolve is not None:
            self.resolved = await resolve_all(resolve, snapshot)

    def _model_tools(self) -> tuple[Tool[..., Any], ...]:
        registry = self._core.toolbox.registry
        tools = (registry.tools[name].tool for name in registry.names)
        return tuple(tool for tool in tools if tool.options.audience in ("model", "all"))

    def _hook(self, name: str) -> Callable[..., Awaitable[Any]] | None:
        hook = getattr(self._runner, name, None)
        return None if hook is None else partial(_called, name, hook)


async def _called(name: str, hook: Callable[..., Any], *values: Any) -> Any:
    with sparing_the_caller(name):
        return await resolved(hook(*values))


class _ToolCalls:
    """The runner's hook as the running of tools asks for it: None leaves the call to what comes next."""

    def __init__(self, hook: Callable[..., Awaitable[Any]]) -> None:
        self._hook = hook

    async def execute_tool_call(self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn) -> ToolResult:
        last: ToolResult | None = None

        async def go_on(changed: ToolCall | None = None, /) -> ToolResult:
            nonlocal last
            last = await next(changed)
            return last

        answer = await self._hook(call, tool, go_on)
        if answer is None:
            return last or await next()
        if isinstance(answer, ToolResult):
            return replace(answer, call_id=call.call_id, name=call.name)
        return ToolResult(call.call_id, call.name, coerce(answer))

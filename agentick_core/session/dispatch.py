"""Commands: tools that a person runs, through the same pipeline as those of a model."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from agentick_core.errors import AbortError, ComponentError, StateError
from agentick_core.messages.blocks import Block
from agentick_core.messages.tool import ToolCall
from agentick_core.procedures.ambient import Ambient, current, entered, laid_over
from agentick_core.procedures.token import CancelToken
from agentick_core.tools.execute import run_tool_call
from agentick_core.tools.merge import AnyTool, BoundTool

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore

T = TypeVar("T")

SECONDS_TO_STOP = 5.0
DEEPEST = 64


class Dispatches:
    """The commands of a session that run now; `calls` are the calls of the procedure, middleware and all."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._running: dict[str, CancelToken] = {}
        self.calls: set[asyncio.Future[Any]] = set()

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the calls that run."""
        return frozenset(self._running)

    def begin(
        self, tool: str | AnyTool, input: Mapping[str, Any], confirm: bool | None, call_id: str | None
    ) -> Coroutine[Any, Any, tuple[Block, ...]]:
        """Register the call at once, and give the work; a tool that is given itself runs whatever has its name.

        Raises:
            StateError: where commands run one another without an end.
        """
        core = self._core
        if len(current().inside) >= DEEPEST:
            raise StateError(
                f"More than {DEEPEST} calls run inside one another", hint="Let no tool dispatch itself."
            )
        given = None if isinstance(tool, str) else BoundTool(tool)
        name = tool if isinstance(tool, str) else tool.name
        call = ToolCall(core.unique_call_id(call_id or "dispatch"), name, dict(input))
        self._running[call.call_id] = token = CancelToken()
        asks = core.options.confirm_dispatch if confirm is None else confirm
        return self._run(call, given, token, asks)

    def stop(self, error: AbortError) -> None:
        """Stop every command."""
        for token in tuple(self._running.values()):
            token.stop(error)

    async def ended(self) -> None:
        """Wait until none runs; what does not heed that it was stopped is cancelled."""
        if not self.calls:
            return
        _, deaf = await asyncio.wait(tuple(self.calls), timeout=SECONDS_TO_STOP)
        for call in deaf:
            call.cancel()
        if deaf:
            await asyncio.wait(deaf)

    async def _run(
        self, call: ToolCall, given: BoundTool | None, token: CancelToken, asks: bool
    ) -> tuple[Block, ...]:
        core, outer = self._core, current()
        if (task := asyncio.current_task()) is not None:
            task.add_done_callback(self._rests)
        forget = outer.token.on_cancel(token.stop) if outer.token is not None else None
        try:
            with entered(self._ambient(outer, call.call_id, token)):
                if given is None:
                    await self._mounted_for(call.name, token)
                host = core.toolbox.host(token, {}, core.emitter.outside_executions(), given)
                result = await _heeding(token, run_tool_call(call, host, origin="user", confirm=asks))
        finally:
            if forget is not None:
                forget()
            del self._running[call.call_id]
        await core.keeper.drain()
        return result.content

    def _rests(self, _: object) -> None:
        if not self._core.closed:
            self._core.life.became_idle()

    async def _mounted_for(self, name: str, token: CancelToken) -> None:
        """Mount the tree; where that fails, a tool that does not come from it runs all the same."""
        try:
            await self._mounted(token)
        except ComponentError:
            if self._core.toolbox.registry.find(name) is None:
                raise

    async def _mounted(self, token: CancelToken) -> None:
        """Bring the tree up to date; a stop does not wait for it."""
        token.raise_if_cancelled()
        if self._core.mounting.is_current:
            return
        mounting = asyncio.ensure_future(self._core.ensure_mounted())
        forget = token.on_cancel(lambda _: mounting.cancel())
        try:
            await asyncio.wait({mounting})
        except asyncio.CancelledError:
            mounting.cancel()
            raise
        finally:
            forget()
        token.raise_if_cancelled()
        mounting.result()

    def _ambient(self, outer: Ambient, call_id: str, token: CancelToken) -> Ambient:
        ambient = laid_over(self._core.options.ambient, outer)
        inside = (*outer.inside, call_id)
        return replace(ambient, session_id=self._core.options.id, inside=inside, token=token, fiber=None)


async def _heeding(token: CancelToken, work: Coroutine[Any, Any, T]) -> T:
    """Let a cancellation of the call reach those first who look at the token, such as a tool in a thread."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        token.cancel()
        task.cancel()
        await asyncio.wait({task})
        raise
    return task.result()

"""One call on its way through: validate, middleware, runner, confirmation, the tool itself, its result."""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from agentick_core.errors import AbortError, ToolError
from agentick_core.messages.blocks import Block, TextBlock
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.ambient import current
from agentick_core.procedures.middleware import Handler, Invocation, Middleware, compose
from agentick_core.tools.approve import approve, approve_access, resolved
from agentick_core.tools.coerce import coerce
from agentick_core.tools.context import Origin
from agentick_core.tools.failure import NO_HANDLER, failed
from agentick_core.tools.host import RunOn, ToolHost, ToolRunner
from agentick_core.tools.invoke import invoke, is_async
from agentick_core.tools.merge import BoundTool
from agentick_core.tools.sandbox import SandboxAccessError
from agentick_core.tools.threads import ToolThreads
from agentick_core.tools.tool import Tool

if TYPE_CHECKING:
    from agentick_core.tools.schema import Checked

GRACE: Final = 2.0


async def _at_once() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a call runs: who called, whether a person may be asked, and what it waits for before the
    tool itself runs."""

    origin: Origin = "model"
    confirm: bool = True
    turn: Callable[[], Awaitable[None]] = _at_once


class ToolRun:
    """One call of one tool.

    `answered` brings the answer of a client tool. `outcome_unknown` says that the tool was begun and may still be
    at work.
    """

    __slots__ = (
        "_answered", "_begun", "_bound", "_call_id", "_checked", "_host", "_seen", "_terms", "outcome_unknown",
    )  # fmt: skip

    def __init__(
        self,
        host: ToolHost,
        bound: BoundTool,
        terms: Terms,
        answered: Awaitable[object] | None,
    ) -> None:
        self._host = host
        self._bound = bound
        self._terms = terms
        self._answered = answered
        self._checked: Checked | None = None
        self._seen: Mapping[str, Any] | None = None
        self._call_id = ""
        self._begun = False
        self.outcome_unknown = False

    async def result(self, call: ToolCall) -> ToolResult:
        """Take the call all the way. Raises what stops it."""
        from agentick_core.tools.schema import warm_up

        await warm_up()
        # A runner may put calls of other ids in its place, which are this one to the model all the same.
        self._call_id = call.call_id
        return await self._through_middleware(self._valid(call), self._through_runner)

    def _valid(self, call: ToolCall) -> ToolCall:
        checked = self._checked_input(call)
        return call if checked.input is call.input else replace(call, input=checked.input)

    def _checked_input(self, call: ToolCall) -> "Checked":
        """Check the input, unless it is what was checked last and nobody has changed it in place since."""
        known = self._checked
        if known is not None and known.input is call.input and self._seen in (None, call.input):
            return known
        self._checked = checked = self._bound.tool.validate(call.input, self._bound.deps)
        self._seen = None if checked.arguments is checked.input else copy.deepcopy(checked.input)
        return checked

    async def _through_middleware(
        self, call: ToolCall, inner: Callable[[ToolCall], Awaitable[ToolResult]]
    ) -> ToolResult:
        own = self._bound.tool.options.middleware
        layers: Sequence[Middleware] = (*self._host.middleware("tool:run"), *own)

        def innermost(invocation: Invocation) -> Awaitable[ToolResult]:
            return inner(self._valid(cast("ToolCall", invocation.argument())))

        chain: Handler = compose(layers, innermost)
        metadata = {"tool": call.name, "call_id": call.call_id, "origin": self._terms.origin}
        value = await chain(Invocation(name="tool:run", args=(call,), context=current(), metadata=metadata))
        if isinstance(value, ToolResult):
            return value
        return ToolResult(call.call_id, call.name, self._blocks(value))

    def _blocks(self, value: object) -> tuple[Block, ...]:
        return coerce(value, self._bound.tool.output_schema)

    async def _through_runner(self, call: ToolCall) -> ToolResult:
        runner, tool = self._host.runner, self._bound.tool
        if runner is None or self._terms.origin == "user" or tool.options.type == "output":
            return await self._confirmed(call)
        failures: list[tuple[ToolResult, Exception]] = []

        async def go_on(changed: ToolCall | None = None, /) -> ToolResult:
            wanted = changed or call
            try:
                return await self._confirmed(self._valid(wanted))
            # A runner sees failures as results, whatever was raised.
            except Exception as error:
                result = failed(wanted, error)
                failures.append((result, error))
                return result

        result = await answer_of(runner, call, tool, go_on)
        for failure, error in failures:
            if failure is result:
                # Handed on untouched: the middleware further out meets the error itself.
                raise error
        return result

    async def _confirmed(self, call: ToolCall) -> ToolResult:
        if not self._terms.confirm:
            return await self._executed(call)
        decision = await approve(self._host, self._bound, call, self._terms.origin, self._asking)
        if decision.input is None:
            return await self._executed(call)
        return await self._edited(call, decision.input)

    def _asking(self) -> AbstractAsyncContextManager[None]:
        # What middleware runs once more has begun before, and no model waits for what a user calls.
        if self._begun or self._terms.origin == "user":
            return nullcontext()
        return self._host.asking(self._call_id)

    async def _edited(self, call: ToolCall, input: Mapping[str, Any]) -> ToolResult:
        # What a person has put in its place has passed neither the schema nor the guards yet.
        edited = self._valid(replace(call, input=input))
        return await self._through_middleware(edited, self._executed)

    async def _executed(self, call: ToolCall) -> ToolResult:
        await self._terms.turn()
        self._begun = True
        tool = self._bound.tool
        match tool.options.type:
            case "client":
                content = self._blocks(await self._from_client(call))
                return ToolResult(call.call_id, call.name, content, executed_by="client")
            case "output":
                self._host.record_output(call.name, call.input)
                return ToolResult(call.call_id, call.name, (TextBlock("Recorded."),))
            case "provider" if self._terms.origin == "model":
                raise ToolError(
                    f'Tool "{call.name}" is run by the provider, not here', code="INVALID_EXECUTION_TYPE"
                )
            case "provider" | "server":
                if tool.fn is None:
                    kind = "Tool" if self._terms.origin == "model" else "Command"
                    raise ToolError(f'{kind} "{call.name}" has no handler', code=NO_HANDLER)
                return await self._with_access(call)

    async def _from_client(self, call: ToolCall) -> object:
        options = self._bound.tool.options
        if self._answered is None:
            default = options.default_result
            return f"[{call.name} rendered on client]" if default is None else default
        try:
            async with asyncio.timeout(options.time_limit):
                return await self._answered
        except TimeoutError as error:
            milliseconds = round((options.time_limit or 0) * 1000)
            message = f"Client tool '{call.call_id}' timed out after {milliseconds}ms"
            raise ToolError(message, code="CLIENT_TOOL_ERROR") from error

    async def _with_access(self, call: ToolCall) -> ToolResult:
        """Run the tool; where it touches what is outside its sandbox, ask, and run it once more."""
        try:
            return ToolResult(call.call_id, call.name, self._blocks(await self._timed(call)))
        except SandboxAccessError as error:
            if error.recover is None or not self._terms.confirm:
                raise
            decision = await approve_access(self._host, call, error, self._terms.origin)
            if decision.input is not None:
                # Nothing is opened: another call was put in place of this one, and may have to ask again.
                return await self._edited(call, decision.input)
            cleanup = await resolved(error.recover(bool(decision.always)))
        try:
            return ToolResult(call.call_id, call.name, self._blocks(await self._timed(call)))
        finally:
            if callable(cleanup):
                await resolved(cleanup())

    async def _timed(self, call: ToolCall) -> object:
        """Run the tool in a task of its own, so that a cancellation it raises itself is told from ours."""
        tool, host = self._bound.tool, self._host
        context = host.context_for(call, self._bound, self._terms.origin)
        bound = tool.bind(self._checked_input(call), context, self._bound.deps)
        task = asyncio.create_task(_contained(tool.fn, bound, host.threads))
        limit = tool.options.time_limit
        self.outcome_unknown = not is_async(tool.fn)
        try:
            await asyncio.wait((task,), timeout=limit)
        except asyncio.CancelledError:
            await self._stopped(task)
            raise
        if not task.done():
            await self._stopped(task)
            message = f'Tool "{call.name}" timed out after {round((limit or 0) * 1000)}ms'
            unknown = ": cancelled, outcome unknown" if self.outcome_unknown else ""
            raise AbortError(f"{message}{unknown}", code="ABORT_TIMEOUT")
        self.outcome_unknown = False
        if task.cancelled():
            raise ToolError(f'Tool "{call.name}" cancelled itself')
        error = task.exception()
        if error is not None and not isinstance(error, Exception):
            # Nobody further out catches it, and the call would be left without a result.
            raise ToolError(
                f"The tool raised {type(error).__name__}: {error}", code="UNKNOWN_ERROR"
            ) from error
        return task.result()

    async def _stopped(self, task: asyncio.Task[object]) -> None:
        if not await stop(task, self._host.threads, GRACE):
            self.outcome_unknown = True


async def answer_of(
    runner: ToolRunner, call: ToolCall, tool: Tool[..., Any] | None, go_on: RunOn
) -> ToolResult:
    """Hand the call to the runner. Raises ToolError "Tool execution failed: ..." where the runner raises."""
    try:
        return await runner.execute_tool_call(call, tool, go_on)
    # The runner is the user's; what it raises is the result of the call, and says where it came from.
    except Exception as error:
        raise ToolError(f"Tool execution failed: {error}") from error


async def stop(task: asyncio.Task[Any], threads: ToolThreads, seconds: float) -> bool:
    """Cancel a task and wait for its end, but not for ever; tell whether it has ended."""
    task.cancel()
    await asyncio.wait((task,), timeout=seconds)
    threads.abandon(task)
    return task.done()


async def _contained(fn: object, call: Callable[[], Any], threads: ToolThreads) -> object:
    try:
        return await invoke(fn, call, threads)
    except SystemExit as error:
        # Out of a task it would end the whole program, which is not a tool's to do.
        raise ToolError(f"The tool tried to exit with {error.code!r}") from error
    except KeyboardInterrupt as error:
        if is_async(fn):
            raise
        # Ctrl+C comes to the main thread alone: in a thread it is the tool's own doing.
        raise ToolError("The tool raised KeyboardInterrupt") from error

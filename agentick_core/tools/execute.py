"""Running tool calls: one call, or all the calls of one answer; every call always gets a result."""

import asyncio
import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from agentick_core.errors import AbortError, NotFoundError, ToolError, ToolResultError, WireError
from agentick_core.events.orchestration import ToolResultEvent, ToolResultStart
from agentick_core.messages.blocks import TextBlock, ToolResultBlock
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.ambient import current, entered, merged
from agentick_core.tools.bound import bounded
from agentick_core.tools.context import Origin
from agentick_core.tools.failure import NOT_FOUND, failed
from agentick_core.tools.host import ToolHost
from agentick_core.tools.merge import BoundTool
from agentick_core.tools.options import MAX_RESULT
from agentick_core.tools.run import GRACE, Terms, ToolRun, answer_of, stop
from agentick_core.wire.entries import copied_blocks

_log = logging.getLogger("agentick")

# A little more than what the tool itself gets to end, so that middleware around it can clean up too.
_PATIENCE: Final = GRACE + 1.0


async def run_tool_call(
    call: ToolCall, host: ToolHost, *, origin: Origin = "model", confirm: bool = True
) -> ToolResult:
    """Run one call.

    For a model every failure, an abort too, is a result, and nothing is raised but a cancellation of the caller.
    For a user the typed error is raised: NotFoundError "Unknown command: name", ToolInputError, GuardError,
    ToolDenied, ToolResultError, AbortError, or what the tool itself raised.
    """
    return await _observed(call, host, Terms(origin=origin, confirm=confirm))


async def run_tool_calls(calls: Sequence[ToolCall], host: ToolHost) -> tuple[ToolResult, ...]:
    """Run the calls of one answer; the results are in the order of the calls.

    Neighbours that may run in parallel do, others run alone, in the order of the calls. Every confirmation is
    asked for at once.
    """
    tasks: list[asyncio.Task[ToolResult]] = []
    before: tuple[asyncio.Task[ToolResult], ...] = ()
    parallel = False
    async with asyncio.TaskGroup() as group:
        for call in calls:
            bound = _found(host, call.name, "model")
            together = bound is None or bound.tool.options.parallel
            if not (together and parallel):
                before = tuple(tasks)
            parallel = together
            tasks.append(group.create_task(_in_turn(call, host, bound, before)))
    return tuple(task.result() for task in tasks)


def result_block(result: ToolResult) -> ToolResultBlock:
    """Give the result as the block that the model reads; its metadata says how many seconds the call took."""
    seconds = round(max(0.0, result.completed_at - result.started_at), 3)
    return ToolResultBlock(
        result.call_id,
        result.name,
        result.content or (TextBlock("(no output)"),),
        is_error=not result.success,
        executed_by=result.executed_by,
        metadata={"seconds": seconds} if result.completed_at else {},
    )


def cancelled_result(call: ToolCall, error: AbortError | None = None) -> ToolResult:
    """Give the result of a call that was stopped before it could run."""
    code, reason = (error.code, error.reason) if error else ("ABORT_CANCELLED", None)
    return failed(call, _aborted(f'Tool "{call.name}" was cancelled before it ran', code, reason))


async def _in_turn(
    call: ToolCall, host: ToolHost, bound: BoundTool | None, before: Sequence[asyncio.Task[ToolResult]]
) -> ToolResult:
    async def turn() -> None:
        if before:
            await asyncio.wait(before)

    if bound is None or bound.tool.options.requires_confirmation is False:
        await turn()
        return await _observed(call, host, Terms())
    # It may have to ask somebody, so it begins at once, and waits for its turn when it has the answer.
    return await _observed(call, host, Terms(turn=turn))


def _found(host: ToolHost, name: str, origin: Origin) -> BoundTool | None:
    bound = host.registry.find(name)
    if bound is not None and origin == "model" and bound.tool.options.audience == "user":
        return None
    return bound


async def _observed(call: ToolCall, host: ToolHost, terms: Terms) -> ToolResult:
    bound = _found(host, call.name, terms.origin)
    if bound is not None:
        call = replace(call, name=bound.tool.name)
    elif terms.origin == "user":
        raise NotFoundError(
            f"Unknown command: {call.name}", hint="session.get_tool_definitions() gives those there are."
        )
    started_at, raised = host.clock.now(), None
    try:
        result = await _bounded(await _started(call, host, bound, terms), host, bound)
    except asyncio.CancelledError:
        # The caller is gone and what the tool had done by now is not known; those who watch still hear of its end.
        stopped = _aborted(f'Tool "{call.name}" was cancelled, outcome unknown', "ABORT_CANCELLED", None)
        _publish_result(host, failed(call, stopped), terms.origin)
        raise
    # Whatever a tool, a guard, a runner or a callback raises is the result of the call.
    except Exception as error:
        _log.debug("The tool %s failed", call.name, exc_info=error)
        raised, result = error, failed(call, error)
    # Whoever answered in the tool's place, this is the call that has its result now.
    result = replace(
        result, call_id=call.call_id, name=call.name, started_at=started_at, completed_at=host.clock.now()
    )
    _publish_result(host, result, terms.origin)
    if terms.origin == "user" and result.failure is not None:
        raise raised or ToolError(result.failure.error, code=result.failure.error_type)
    return result


async def _bounded(result: ToolResult, host: ToolHost, bound: BoundTool | None) -> ToolResult:
    """Keep what a model reads within bounds, and such that it can be stored, whoever it came from: the tool,
    middleware or the runner."""
    try:
        content = copied_blocks(result.content or ())
    except WireError as error:
        raise ToolResultError(f"Unexpected tool result type: {error.message}") from error
    limit = bound.tool.options.max_result if bound else MAX_RESULT
    content = await bounded(content, limit, call_id=result.call_id, folder=host.results_folder)
    return replace(result, content=content)


async def _started(
    call: ToolCall,
    host: ToolHost,
    bound: BoundTool | None,
    terms: Terms,
) -> ToolResult:
    if host.token.error is not None:
        error = host.token.error
        raise _aborted(f'Tool "{call.name}" was cancelled before it ran', error.code, error.reason)
    with _client(call, host, bound) as answered, entered(merged(current(), call_id=call.call_id)):
        emitter = host.emitter
        emitter.publish(
            ToolResultStart(
                **emitter.stamp(), call_id=call.call_id, name=call.name, origin=terms.origin, input=call.input
            )
        )
        if bound is None:
            return await _unknown(call, host)
        run = ToolRun(host, bound, terms, answered)
        return await _until_aborted(run, call, host)


@contextmanager
def _client(
    call: ToolCall, host: ToolHost, bound: BoundTool | None
) -> Generator[asyncio.Future[object] | None]:
    """Open the waiter of a client tool before anybody hears of the call."""
    if bound is None or bound.tool.options.type != "client" or not bound.tool.options.requires_response:
        yield None
        return
    with host.answers.opened(call.call_id, call) as answered:
        yield answered


async def _unknown(call: ToolCall, host: ToolHost) -> ToolResult:
    missing = ToolError(f'Tool "{call.name}" is not available', code=NOT_FOUND)
    if host.runner is None:
        raise missing

    async def go_on(changed: ToolCall | None = None, /) -> ToolResult:
        return failed(changed or call, missing)

    return await answer_of(host.runner, call, None, go_on)


async def _until_aborted(run: ToolRun, call: ToolCall, host: ToolHost) -> ToolResult:
    task = asyncio.create_task(run.result(call))
    aborted: asyncio.Future[AbortError] = asyncio.get_running_loop().create_future()
    forget = host.token.on_cancel(aborted.set_result)
    try:
        await asyncio.wait((task, aborted), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await stop(task, host.threads, _PATIENCE)
        raise
    finally:
        forget()
    if not task.done():
        error = aborted.result()
        asking = host.desk.asks(call.call_id)
        unknown = not await stop(task, host.threads, _PATIENCE) or run.outcome_unknown
        told = "cancelled, outcome unknown" if unknown else "cancelled"
        message = f'Tool "{call.name}" was {told}'
        if asking:
            message = f"Tool execution failed: Tool confirmation cancelled: {call.call_id}"
        raise _aborted(message, error.code, error.reason)
    if task.cancelled():
        raise ToolError(f'Tool "{call.name}" cancelled itself')
    return task.result()


def _aborted(message: str, code: str, reason: str | None) -> AbortError:
    error = AbortError(message, reason=reason)
    error.code = code
    return error


def _publish_result(host: ToolHost, result: ToolResult, origin: Origin) -> None:
    emitter = host.emitter
    emitter.publish(
        ToolResultEvent(
            **emitter.stamp(),
            call_id=result.call_id,
            name=result.name,
            result=result.content,
            is_error=not result.success,
            error_type=result.failure.error_type if result.failure else None,
            executed_by=result.executed_by,
            origin=origin,
            started_at=result.started_at,
            completed_at=result.completed_at,
        )
    )

"""Finding out whether a call may run: the tool's own word, the rules, the host's callback, and then a person."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from agentick_core.errors import ToolDenied
from agentick_core.events.model import ErrorEvent
from agentick_core.events.orchestration import EventError, ToolConfirmationRequired, ToolConfirmationResult
from agentick_core.messages.tool import ToolCall
from agentick_core.tools.confirm import SANDBOX, ConfirmationRequest, Decision
from agentick_core.tools.context import Origin
from agentick_core.tools.failure import denied
from agentick_core.tools.host import ToolHost
from agentick_core.tools.invoke import invoke
from agentick_core.tools.merge import AnyTool, BoundTool
from agentick_core.tools.sandbox import SandboxAccessError
from agentick_core.tools.signature import fitting

T = TypeVar("T")
_log = logging.getLogger("agentick")
_YES: Final = Decision(True)


async def approve(
    host: ToolHost,
    bound: BoundTool,
    call: ToolCall,
    origin: Origin,
    asking: Callable[[], AbstractAsyncContextManager[None]],
) -> Decision:
    """Ask, where the tool wants it, whether the call may run; inside of `asking` wherever somebody is asked.

    Raises ToolDenied when the answer is no.
    """
    asked_by = await _asked_by(host, bound.tool, call.input)
    if asked_by is None:
        return _YES
    request = ConfirmationRequest(
        call_id=call.call_id,
        name=call.name,
        input=call.input,
        message=await _message(bound.tool, call.input),
        rule=asked_by,
        approval_key=await _approval_key(bound.tool, call.input),
        origin=origin,
    )
    if host.rules.covering(request):
        return _YES
    async with asking():
        return await _decide(host, replace(request, metadata=await _preview(host, bound, call.input)))


async def approve_access(
    host: ToolHost, call: ToolCall, error: SandboxAccessError, origin: Origin
) -> Decision:
    """Ask whether the call may leave its sandbox. Raises ToolDenied when the answer is no."""
    path = error.requested_path
    return await _decide(
        host,
        ConfirmationRequest(
            call_id=call.call_id,
            name=call.name,
            input=call.input,
            message=f"{call.name} wants to access {path} (outside sandbox). Allow?",
            rule=SANDBOX,
            metadata={
                "type": "sandbox_access",
                "requestedPath": path,
                "resolvedPath": error.resolved_path,
                "mode": error.mode,
            },
            origin=origin,
        ),
    )


async def resolved(value: T | Awaitable[T]) -> T:
    """Wait for a value where it has to be waited for."""
    return await cast("Awaitable[T]", value) if inspect.isawaitable(value) else cast("T", value)


async def _decide(host: ToolHost, request: ConfirmationRequest) -> Decision:
    decision = await _asked_host(host, request)
    if decision is None:
        # A rule may have come while the preview was made or the host thought about it.
        decision = _YES if host.rules.covering(request) else await _asked_person(host, request)
    if not decision.approved:
        raise denied(decision.reason)
    rule = decision.rule_for(request)
    if rule is not None and request.rule != SANDBOX:
        host.allow(rule)
    return decision


async def _asked_host(host: ToolHost, request: ConfirmationRequest) -> Decision | None:
    if host.ask is None:
        return None
    try:
        decision = await resolved(host.ask(request))
        if isinstance(decision, bool):
            return _YES if decision else Decision(approved=False)
        if decision is not None and not isinstance(cast("object", decision), Decision):
            raise TypeError(f"on_tool_confirmation gave {decision!r}: a Decision, a bool or None is needed")
    # The callback is the user's: what it raises is shown, and the person is asked.
    except Exception as error:
        _report(host, error, "on_tool_confirmation")
        return None
    return decision


async def _asked_person(host: ToolHost, request: ConfirmationRequest) -> Decision:
    emitter = host.emitter
    with host.desk.opened(request.call_id, request) as answered:
        emitter.publish(
            ToolConfirmationRequired(
                **emitter.stamp(),
                call_id=request.call_id,
                name=request.name,
                input=request.input,
                message=request.message,
                rule=request.rule,
                approval_key=request.approval_key,
                metadata=request.metadata,
            )
        )
        await asyncio.wait((answered,), timeout=host.confirmation_timeout)
        in_time = answered.done()
        decision = answered.result() if in_time else _too_late(host.confirmation_timeout or 0)
    emitter.publish(
        ToolConfirmationResult(
            **emitter.stamp(),
            call_id=request.call_id,
            confirmed=decision.approved,
            always=bool(decision.always),
            reason=decision.reason,
        )
    )
    if not in_time:
        raise ToolDenied(f"Tool execution was denied: {decision.reason}.", reason=decision.reason)
    return decision


def _too_late(seconds: float) -> Decision:
    return Decision(False, f"nobody answered within {seconds:g} s")


async def _asked_by(host: ToolHost, tool: AnyTool, input: Mapping[str, Any]) -> str | None:
    wanted = tool.options.requires_confirmation
    if isinstance(wanted, bool):
        return "tool" if wanted else None
    try:
        return "predicate" if await resolved(wanted(input)) else None
    # The predicate is the user's: where it does not know, a person has to.
    except Exception as error:
        _report(host, error, f"{tool.name}.requires_confirmation")
        return "predicate"


async def _message(tool: AnyTool, input: Mapping[str, Any]) -> str:
    default = f"Allow {tool.name} to execute?"
    message = tool.options.confirmation_message
    if not callable(message):
        return message or default
    return await _attempt(message, input) or default


async def _approval_key(tool: AnyTool, input: Mapping[str, Any]) -> str | None:
    make = tool.options.approval_key
    return await _attempt(make, input) if make else None


async def _attempt(
    make: Callable[[Mapping[str, Any]], str | Awaitable[str] | None], input: Mapping[str, Any]
) -> str | None:
    try:
        made = await resolved(cast("object", make(input)))
    # The function is the user's, and the question can be asked without what it would add.
    except Exception:
        return None
    return made if isinstance(made, str) else None


async def _preview(host: ToolHost, bound: BoundTool, input: Mapping[str, Any]) -> Mapping[str, Any] | None:
    make = bound.tool.options.confirmation_preview
    if make is None:
        return None
    args = fitting(make, input, bound.deps)
    try:
        # In a thread where it is synchronous, since previews read files and compare them.
        made = await invoke(make, lambda: make(*args), host.threads)
    # The function is the user's, and the question can be asked without a preview.
    except Exception:
        return None
    return cast("Mapping[str, Any]", made) if isinstance(made, Mapping) else None


def _report(host: ToolHost, error: Exception, source: str) -> None:
    # Where nobody listens to events, this is the only word of why the call waits for a person.
    _log.warning("%s failed, so a person is asked: %s", source, error)
    _log.debug("%s raised", source, exc_info=error)
    emitter, told = host.emitter, EventError.of(error)
    emitter.publish(ErrorEvent(**emitter.stamp(), message=told.message, code=told.code, source=source))

"""A call of a model beside the conversation, such as for a summary: on the account of the execution it serves."""

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from agentick_core.errors import LimitError
from agentick_core.messages.message import AssistantMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.models.deltas import MessageClosed, TextDelta, UsageDelta
from agentick_core.models.model import ChatModel
from agentick_core.models.retry import stream_with_retry
from agentick_core.session.execution.limits import NO_LIMITS, Budget, Claim, LimitReason, reached
from agentick_core.session.tick.asking import Answer, through_middleware

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


async def ask_aside(core: "SessionCore", model: ChatModel, request: ModelRequest) -> str:
    """Ask a model and give the text of its answer; what that took counts for the session and for its limits.

    Raises:
        ContextLengthError: the request does not fit into the model's window.
        LimitError: a limit leaves no room for it.
        ProviderError: the model failed.
    """

    async def ask(request: ModelRequest) -> Answer | LimitReason:
        return await _asked(core, model, request)

    answer = await through_middleware(core, model, core.estimates.measured(request), ask)
    if not isinstance(answer, Answer):
        raise LimitError(reached(answer).message, hint="Nothing was asked.", details={"limit": answer})
    return answer.message.text


async def _asked(core: "SessionCore", model: ChatModel, request: ModelRequest) -> Answer | LimitReason:
    core.estimates.check(model.info, request)
    budget = core.budget or Budget(NO_LIMITS)
    claim = core.estimates.claim(budget, (model,), request, ticks=0)
    if not isinstance(claim, Claim):
        return claim
    models: tuple[ChatModel, ...] = (model,)
    for tape in core.tapes:
        models = tape.taped(models, model.provider_input(request))
    pieces: list[str] = []
    usage, stop_reason = NO_USAGE, "stop"
    try:
        async with aclosing(stream_with_retry(models, request, policy=core.options.retry)) as deltas:
            async for delta in deltas:
                if isinstance(delta, TextDelta):
                    pieces.append(delta.text)
                elif isinstance(delta, UsageDelta | MessageClosed) and delta.usage is not None:
                    usage = delta.usage.at_least(usage)
                if isinstance(delta, MessageClosed):
                    stop_reason = delta.stop_reason
    finally:
        usage = _whole(usage)
        budget.settle(claim, model, usage)
        core.add_usage(usage)
    return Answer(AssistantMessage("".join(pieces)), stop_reason, usage, model, ())


def _whole(usage: Usage) -> Usage:
    total = max(usage.total_tokens, usage.input_tokens + usage.output_tokens)
    return replace(usage, total_tokens=total, ticks=0)

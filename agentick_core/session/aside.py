"""A call of a model beside the conversation, such as for a summary: on the account of the execution it serves."""

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from agentick_core.errors import LimitError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.models.deltas import MessageClosed, TextDelta, UsageDelta
from agentick_core.models.model import ChatModel
from agentick_core.models.retry import stream_with_retry
from agentick_core.session.limits import NO_LIMITS, Budget, Claim, reached

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


async def ask_aside(core: "SessionCore", model: ChatModel, request: ModelRequest) -> str:
    """Ask a model and give the text of its answer; what that took counts for the session and for its limits.

    Raises:
        LimitError: a limit leaves no room for it.
        ProviderError: the model failed.
    """
    budget = core.budget or Budget(NO_LIMITS)
    claim = budget.claim((model,), request)
    if not isinstance(claim, Claim):
        raise LimitError(reached(claim).message, hint="Nothing was asked.", details={"limit": claim})
    pieces: list[str] = []
    usage = NO_USAGE
    try:
        async with aclosing(stream_with_retry((model,), request, policy=core.options.retry)) as deltas:
            async for delta in deltas:
                if isinstance(delta, TextDelta):
                    pieces.append(delta.text)
                elif isinstance(delta, UsageDelta | MessageClosed) and delta.usage is not None:
                    usage = delta.usage.at_least(usage)
    finally:
        usage = _whole(usage)
        budget.settle(claim, model, usage)
        core.add_usage(usage)
        core.usage_aside = core.usage_aside + usage
    return "".join(pieces)


def _whole(usage: Usage) -> Usage:
    total = max(usage.total_tokens, usage.input_tokens + usage.output_tokens)
    return replace(usage, total_tokens=total, ticks=0)

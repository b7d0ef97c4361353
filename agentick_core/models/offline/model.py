"""How the offline model says what it has chosen to say: in small pieces, with a breath between them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from agentick_core.errors import ProviderError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import (
    MessageClosed,
    MessageOpened,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallInput,
    ToolCallOpened,
)
from agentick_core.models.model import ModelInfo
from agentick_core.models.offline import answers
from agentick_core.models.offline.choose import Plan, plan
from agentick_core.models.plain import plain_text
from agentick_core.models.prices import FREE

PACE = 0.008
SLOWER = 15
INFO = ModelInfo(
    id="offline",
    provider="offline",
    spec="offline",
    name="offline",
    context_window=32_000,
    max_output_tokens=4_000,
    supports_vision=False,
    supports_tool_use=True,
    price=FREE,
    is_reasoning_model=True,
)


class OfflineModel:
    """The built-in model: deterministic, without a key and without a network. `pace` is the seconds per word."""

    def __init__(self, *, pace: float = PACE) -> None:
        self._pace = pace

    def __repr__(self) -> str:
        return "offline()"

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return INFO

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Answer the last message of the user, word by word."""
        planned = plan(request)
        pace = self._pace * SLOWER if planned.slow else self._pace
        yield MessageOpened("offline")
        for delta in _deltas(planned, len(request.messages)):
            await asyncio.sleep(pace)
            yield delta
        if planned.fails:
            raise ProviderError(answers.ERROR, hint=answers.ERROR_HINT, provider="offline")
        yield MessageClosed("tool_use" if planned.calls else "stop", _usage(request, planned))

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give nothing: there is no provider."""
        return None

    async def aclose(self) -> None:
        """Close nothing."""


def offline(*, pace: float = PACE) -> OfflineModel:
    """Name the built-in model; `pace` is the seconds per word."""
    return OfflineModel(pace=pace)


def _deltas(planned: Plan, place: int) -> Iterator[ModelDelta]:
    for number, word in enumerate(_words(planned.thought)):
        yield ReasoningTextDelta(word, new_block=number == 0)
    if planned.thought:
        yield ReasoningClosed(provider="offline")
    for word in _words(planned.text):
        yield TextDelta(word)
    # The place in the conversation makes the ids new at each call, and the same in each run.
    for number, (name, arguments) in enumerate(planned.calls):
        call_id = f"offline_{place}_{number}"
        yield ToolCallOpened(call_id, name)
        yield ToolCallInput(call_id, json.dumps(dict(arguments), ensure_ascii=False))
        yield ToolCallClosed(call_id)


def _words(text: str) -> list[str]:
    """Cut the text into words, each with the space after it."""
    return re.findall(r"\S+\s*|\s+", text)


def _usage(request: ModelRequest, planned: Plan) -> Usage:
    read = sum(map(len, request.system)) + sum(
        len(plain_text(block)) for message in request.messages for block in message.content
    )
    thought, said = len(planned.thought) // 4, len(planned.text) // 4 + 12 * len(planned.calls)
    return Usage(
        input_tokens=read // 4 + 1,
        output_tokens=thought + said,
        total_tokens=read // 4 + 1 + thought + said,
        reasoning_tokens=thought,
    )

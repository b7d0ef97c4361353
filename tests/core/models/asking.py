"""How tests ask a model of either provider."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.models.accumulate import Accumulator
from agentick_core.models.anthropic import AnthropicModel
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.model import ChatModel
from agentick_core.models.openai import OpenAIModel
from tests.core.models.recording import RecordingEmitter
from tests.fakes import FakeProvider
from tests.fakes.server import Script

SECRET = "sk-very-secret-key-1234567890"
Adapter: TypeAlias = Callable[..., OpenAIModel] | Callable[..., AnthropicModel]
ADAPTERS: tuple[Adapter, ...] = (OpenAIModel, AnthropicModel)


@asynccontextmanager
async def served(adapter: Adapter, script: Script) -> AsyncGenerator[tuple[ChatModel, FakeProvider]]:
    """Give a model of the adapter and the fake that it asks; close both."""
    async with FakeProvider(script) as server:
        model = adapter("fake-model", base_url=server.base_url, api_key=SECRET)
        try:
            yield model, server
        finally:
            await model.aclose()


def asking(*content: Message | str, **options: object) -> ModelRequest:
    """Make a request of messages, texts being the user's."""
    messages = tuple(UserMessage(item) if isinstance(item, str) else item for item in content)
    return ModelRequest(messages=messages, **options)  # pyright: ignore[reportArgumentType]  # a test's shorthand


async def deltas_from(model: ChatModel, request: ModelRequest) -> list[ModelDelta]:
    return [delta async for delta in model.stream(request)]


async def answer_from(model: ChatModel, request: ModelRequest) -> Accumulator:
    """Ask the model and build its answer."""
    accumulator = Accumulator(RecordingEmitter())
    async for delta in model.stream(request):
        accumulator.add(delta)
    accumulator.finish()
    return accumulator

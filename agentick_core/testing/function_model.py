"""FunctionModel: a model whose answer a function works out from the request."""

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, TypeAlias

from agentick_core.messages.blocks import Block, BlockBase, ToolUseBlock
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.models.blocks import deltas_of
from agentick_core.models.deltas import MessageClosed, MessageOpened, ModelDelta, TextDelta, ToolCallOpened
from agentick_core.models.model import ModelInfo
from agentick_core.testing.scripted import SCRIPTED_USAGE, Reply

Piece: TypeAlias = str | Block | ModelDelta
Answer: TypeAlias = Block | Message | Reply | Iterable[Piece] | AsyncIterable[Piece]
AnswerFunction: TypeAlias = Callable[[ModelRequest], Answer | Awaitable[Answer]]
"""What gives the answer: a text is a sequence of texts to the type checker, and one text here."""


class FunctionModel:
    """A model that answers with what a function gives for the request.

    The function may be async, and may give a text, a block, a message, a `reply(...)`, or any mix of texts,
    blocks and deltas: as a list, or from a sync or async generator, streamed as they come. The opening and the
    closing delta are added where they are missing. `requests` records what was asked.
    """

    def __init__(
        self, function: AnswerFunction, *, name: str = "function", info: ModelInfo | None = None
    ) -> None:
        self.requests: list[ModelRequest] = []
        self._function = function
        self._info = info or ModelInfo(
            id=name,
            provider="function",
            spec=f"function:{name}",
            context_window=100_000,
            supports_tool_use=True,
        )

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return self._info

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the function and give its answer."""
        self.requests.append(request)
        answer = self._function(request)
        if inspect.isawaitable(answer):
            answer = await answer
        asked, opened, before = False, False, None
        async for piece in _pieces(answer):
            deltas, before = _deltas(piece, before), piece if isinstance(piece, Block) else None
            for delta in deltas:
                if not opened and not isinstance(delta, MessageOpened):
                    yield MessageOpened(self._info.id)
                opened, asked = True, asked or isinstance(delta, ToolCallOpened)
                yield delta
                if isinstance(delta, MessageClosed):
                    return
        yield MessageClosed("tool_use" if asked else "stop", SCRIPTED_USAGE)

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give nothing: there is no provider."""
        return None

    async def aclose(self) -> None:
        """Close nothing."""


async def _pieces(answer: Answer) -> AsyncIterator[Piece]:
    match answer:
        case Message(content=content):
            pieces: Iterable[Piece] = content
        case Reply() | AsyncIterable():
            async for piece in answer.played(count(1)) if isinstance(answer, Reply) else answer:
                yield piece
            return
        case str() | BlockBase():
            pieces = (answer,)
        case Iterable():
            pieces = answer
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # callers without a type checker come here
            raise TypeError(
                f"A FunctionModel's function gives a text, a block, or a list of both, not {answer!r}"
            )
    for piece in pieces:
        yield piece


def _deltas(piece: Piece, before: Block | None) -> Iterable[ModelDelta]:
    match piece:
        case str():
            return (TextDelta(piece),)
        case ToolUseBlock(tool_use_id=""):
            return deltas_of(replace(piece, tool_use_id=f"call_{piece.name}"))
        case _:
            return deltas_of(piece, before) if isinstance(piece, Block) else (piece,)

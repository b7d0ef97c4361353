"""The model calls of a recorded session and its sub-agents, as they came: enough to answer the same again."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from agentick_core.errors import ProviderError
from agentick_core.messages.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.models.checked import checked
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.model import ChatModel, ModelInfo
from agentick_core.wire.entries import message_to_wire
from agentick_core.wire.values import dumps


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFailure:
    """How a model call failed; `name` is the error's class."""

    name: str
    message: str
    hint: str = ""
    provider: str = ""
    status: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPrint:
    """What a request is recognised by: `exact` is the same for the same words, `shape` for the same kinds of
    messages, whatever they say."""

    exact: str
    shape: str

    @classmethod
    def of(cls, request: ModelRequest) -> "RequestPrint":
        """Take the print of a request."""
        said = [request.system, [_words(message) for message in request.messages], _names(request)]
        return cls(exact=_digest(said), shape=_digest([[*map(_shape, request.messages)], _names(request)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """One try of one model: what it gave until it was complete, failed, or was cut off.

    `order` counts, for each delta, those of every call of the recording. `provider_input` is the request in the
    provider's words, without any secret.
    """

    info: ModelInfo
    request: RequestPrint
    deltas: tuple[ModelDelta, ...] = ()
    order: tuple[int, ...] = ()
    complete: bool = False
    failure: RecordedFailure | None = None
    provider_input: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Begun:
    """A call that is not over."""

    info: ModelInfo
    request: RequestPrint
    provider_input: Mapping[str, Any] | None
    deltas: list[ModelDelta] = field(default_factory=list[ModelDelta])
    order: list[int] = field(default_factory=list[int])
    complete: bool = False
    failure: RecordedFailure | None = None


class Tape:
    """Takes down every model call made through it, in the order in which they began."""

    def __init__(self) -> None:
        self._begun: list[_Begun] = []
        self._pool: dict[str, Any] = {}
        self._order = count()

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The calls, as far as they have come."""
        return tuple(
            RecordedCall(
                info=each.info,
                request=each.request,
                deltas=tuple(each.deltas),
                order=tuple(each.order),
                complete=each.complete,
                failure=each.failure,
                provider_input=each.provider_input,
            )
            for each in self._begun
        )

    def taped(
        self, models: Sequence[ChatModel], provider_input: Mapping[str, Any] | None
    ) -> tuple[ChatModel, ...]:
        """Give models that do the same, and are taken down; `provider_input` is what the first is sent."""
        kept = self._pooled(provider_input) if provider_input is not None else None
        return tuple(
            _TapedModel(model, self, kept if place == 0 else None) for place, model in enumerate(models)
        )

    def begin(self, call: _Begun) -> None:
        """Take a call in."""
        self._begun.append(call)

    def add(self, call: _Begun, delta: ModelDelta) -> None:
        """Take down what a call gave. Raises StateError for what no file could hold."""
        call.deltas.append(checked(delta))
        call.order.append(next(self._order))

    def _pooled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Copy it, with the items of its lists shared: each request repeats what was said before it."""
        return {key: self._shared(value) for key, value in given.items()}

    def _shared(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [self._pool.setdefault(dumps(item), item) for item in cast("list[Any]", value)]


class _TapedModel:
    """A model whose calls are taken down."""

    def __init__(self, model: ChatModel, tape: Tape, provider_input: Mapping[str, Any] | None) -> None:
        self._model = model
        self._tape = tape
        self._provider_input = provider_input

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return self._model.info

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the model, and keep what it gives."""
        call = _Begun(self._model.info, RequestPrint.of(request), self._provider_input)
        self._tape.begin(call)
        stream = self._model.stream(request)
        try:
            async for delta in stream:
                self._tape.add(call, delta)
                yield delta
            call.complete = True
        # Whatever a model raises is a part of the recording, and goes on to whoever asked.
        except Exception as error:
            call.failure = _failure(error)
            raise
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give the request in the provider's own words."""
        return self._model.provider_input(request)

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()


def _failure(error: Exception) -> RecordedFailure:
    if not isinstance(error, ProviderError):
        return RecordedFailure(name=type(error).__name__, message=str(error))
    return RecordedFailure(
        name=type(error).__name__,
        message=error.message,
        hint=error.hint,
        provider=error.provider,
        status=error.status,
        retry_after=error.retry_after,
    )


def _words(message: Message) -> dict[str, Any]:
    """Give what a message says, without what differs from run to run: its id and its metadata."""
    said = message_to_wire(message)
    blocks = [{key: part for key, part in block.items() if key not in _UNSAID} for block in said["content"]]
    return {"role": message.role, "content": blocks}


_UNSAID = frozenset(("id", "metadata"))


def _shape(message: Message) -> list[str]:
    kinds = [type(block).__name__ for block in message.content]
    tools = [block.name for block in message.content if isinstance(block, ToolUseBlock | ToolResultBlock)]
    return [message.role, *kinds, *tools]


def _names(request: ModelRequest) -> list[str]:
    return [tool.name for tool in request.tools]


def _digest(value: Any) -> str:
    return hashlib.sha256(dumps(value).encode()).hexdigest()


def last_words(request: ModelRequest) -> str:
    """Give the last text of a request, for an error."""
    texts = [b.text for message in request.messages for b in message.content if isinstance(b, TextBlock)]
    return texts[-1] if texts else ""

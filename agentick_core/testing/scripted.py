"""ScriptedModel: a model that says what a test has written down, one step per call, and nothing else."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self, TypeAlias

from agentick_core.messages.blocks import (
    Block,
    BlockBase,
    ContentLike,
    ReasoningBlock,
    ToolUseBlock,
    as_blocks,
)
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.blocks import deltas_of
from agentick_core.models.deltas import (
    MessageClosed,
    MessageOpened,
    ModelDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallInput,
    ToolCallOpened,
)
from agentick_core.models.model import ModelInfo

SCRIPTED_USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15)

ScriptItem: TypeAlias = ModelDelta | asyncio.Event
"""A delta to give, or an event to wait for before the stream goes on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a scripted model: what it streams, and then perhaps the error it ends with."""

    items: tuple[ScriptItem, ...] = ()
    error: BaseException | None = None

    async def played(self, numbers: Iterator[int]) -> AsyncIterator[ModelDelta]:
        """Stream it; calls that have no id yet get the next number as one."""
        current = ""
        for item in self.items:
            match item:
                case asyncio.Event():
                    await item.wait()
                case ToolCallOpened(id=""):
                    current = f"call_{next(numbers)}"
                    yield replace(item, id=current)
                case ToolCallInput(id="") | ToolCallClosed(id=""):
                    yield replace(item, id=current)
                case _:
                    yield item
        if self.error is not None:
            raise self.error


Step: TypeAlias = "str | Block | Reply | BaseException | Sequence[str | Block] | Sequence[ScriptItem]"


def call(tool: str, /, **args: Any) -> ToolUseBlock:
    """Make a call of a tool, as one step or as part of a `reply`; its id is given when it is asked for."""
    return ToolUseBlock("", tool, args)


def reply(
    content: ContentLike = (),
    /,
    *,
    reasoning: str | None = None,
    calls: Iterable[ToolUseBlock] = (),
    stop_reason: str | None = None,
    usage: Usage | None = SCRIPTED_USAGE,
    error: BaseException | None = None,
    hold: asyncio.Event | None = None,
    chunk: int | None = None,
) -> Reply:
    """Make one answer of reasoning, content and tool calls, in this order.

    With `chunk` texts come in pieces of that many characters. With `hold` the stream stays open after the
    content until the event is set. With `error` it ends with that error instead of the closing delta.
    """
    thoughts: tuple[Block, ...] = (ReasoningBlock(reasoning),) if reasoning is not None else ()
    said = as_blocks(content) if content != () else ()
    blocks = (*thoughts, *said, *calls)
    items: list[ScriptItem] = [MessageOpened()]
    for before, block in zip((None, *blocks), blocks, strict=False):
        items.extend(_pieces(deltas_of(block, before), chunk))
    if hold is not None:
        items.append(hold)
    if error is None:
        asks = any(isinstance(block, ToolUseBlock) for block in blocks)
        items.append(MessageClosed(stop_reason or ("tool_use" if asks else "stop"), usage))
    return Reply(tuple(items), error)


def _pieces(deltas: Iterable[ModelDelta], chunk: int | None) -> Iterable[ModelDelta]:
    for delta in deltas:
        if chunk is None or not isinstance(delta, TextDelta):
            yield delta
            continue
        for start in range(0, len(delta.text), chunk):
            yield TextDelta(delta.text[start : start + chunk], delta.new_block and start == 0)


def _as_reply(step: "Step") -> Reply:
    match step:
        case Reply():
            return step
        case BaseException():
            return Reply((), step)
        case str():
            return reply(step)
        case Sequence():
            return _sequence_as_reply(step)
        case BlockBase():
            return reply((step,))
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # callers without a type checker come here
            raise TypeError(
                f"A step is a text, a block, a list of both, a reply(...) or an exception, not {step!r}"
            )


def _sequence_as_reply(step: "Sequence[str | Block] | Sequence[ScriptItem]") -> Reply:
    content: list[str | Block] = []
    items: list[ScriptItem] = []
    for item in step:
        if isinstance(item, str | Block):
            content.append(item)
        else:
            items.append(item)
    if content and items:
        raise TypeError("A step is a list of texts and blocks, or a list of deltas and events, not of both.")
    return Reply(tuple(items)) if items else reply(content)


class UnexpectedCallError(AssertionError):
    """A scripted model was asked more often than it has steps."""


class UnusedStepsError(AssertionError):
    """A scripted model was asked less often than it has steps."""


class ScriptedModel:
    """A model with one step per call, strict both ways.

    A step is a text, a block, a sequence of both, a `reply(...)`, an exception to raise, or a sequence of
    deltas (and of events to wait for) to stream as they are. `requests` records what was asked.
    """

    def __init__(self, *steps: "Step", name: str = "scripted", info: ModelInfo | None = None) -> None:
        self.requests: list[ModelRequest] = []
        self._info = info or ModelInfo(
            id=name,
            provider="scripted",
            spec=f"scripted:{name}",
            context_window=100_000,
            supports_tool_use=True,
        )
        self._steps = [_as_reply(step) for step in steps]
        self._used = 0
        self._repeated: Reply | None = None
        self._ids = itertools.count(1)

    @classmethod
    def repeat(cls, step: "Step") -> "ScriptedModel":
        """Make a model that says the same at every call, and may also not be asked at all."""
        model = cls()
        model._repeated = _as_reply(step)
        return model

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return self._info

    @property
    def unused(self) -> int:
        """How many steps are left."""
        return len(self._steps) - self._used

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Give the next step. Raises UnexpectedCallError where there is none."""
        self.requests.append(request)
        async for delta in self._next().played(self._ids):
            yield delta
        await asyncio.sleep(0)

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give the request in a few plain words."""
        return {"model": self._info.id, "messages": [message.text for message in request.messages]}

    def assert_done(self) -> None:
        """Raise UnusedStepsError where steps are left."""
        if self.unused:
            raise UnusedStepsError(
                f"The scripted model has {self.unused} of {len(self._steps)} steps left: it was asked less often."
            )

    async def aclose(self) -> None:
        """Check that every step was used."""
        self.assert_done()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.assert_done()

    def _next(self) -> Reply:
        if self._repeated is not None:
            return self._repeated
        if not self.unused:
            raise UnexpectedCallError(
                f"The scripted model was asked for call {len(self.requests)}, "
                f"and its script ends after {len(self._steps)}."
            )
        self._used += 1
        return self._steps[self._used - 1]

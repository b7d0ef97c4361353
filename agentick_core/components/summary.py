"""What is left out of a timeline, summed up: who writes it, and how it is kept and shown."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from agentick_core.compile.render import block_text
from agentick_core.compile.tokens import TextEstimator, estimate_message
from agentick_core.components.entries import History
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import EventMessage, Message, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.models.deltas import TextDelta
from agentick_core.models.model import ChatModel

SUMMARY_KEY: Final = "timeline:summary"
SUMMARY_MARK: Final = "[Summary]"
INSTRUCTIONS: Final = (
    "Sum up this part of a conversation for the assistant that goes on with it. Keep what was asked, decided, "
    "found and promised, with names, numbers and paths. Write plain text and no greeting."
)

Ask: TypeAlias = Callable[[Any, ModelRequest], Awaitable[str]]
SummaryFunction: TypeAlias = Callable[[History, str | None], str | Awaitable[str]]
Summarize: TypeAlias = SummaryFunction | ChatModel


async def summary_of(summarize: Summarize, entries: History, guidance: str | None, ask: Ask | None) -> str:
    """Get the summary of these entries: `ask` asks a model on somebody's account."""
    if isinstance(summarize, ChatModel):
        request = ModelRequest(
            system=tuple(filter(None, (INSTRUCTIONS, guidance))),
            messages=(UserMessage(_transcript(entries)),),
        )
        return await (ask or _asked)(summarize, request)
    given = summarize(entries, guidance)
    return await given if inspect.isawaitable(given) else given


def summary_message(text: str) -> Message:
    """Give the message that stands for what is left out."""
    return EventMessage(f"{SUMMARY_MARK}\n{text}")


def summary_entry(text: str) -> TimelineEntry:
    """Give the entry that stands for what is left out; it is in no timeline."""
    return TimelineEntry("summary", summary_message(text), tags=("summary",))


def cut_to(text: str, tokens: int, estimator: TextEstimator) -> str:
    """Give as much of the summary as fits, from its beginning; nothing where not even its mark does."""
    text = text.strip()
    while text and estimate_message(summary_message(text), estimator) > tokens:
        text = text[: len(text) * 9 // 10].rstrip()
    return text


async def _asked(model: ChatModel, request: ModelRequest) -> str:
    return "".join([delta.text async for delta in model.stream(request) if isinstance(delta, TextDelta)])


def _transcript(entries: Sequence[TimelineEntry]) -> str:
    return "\n\n".join(f"{entry.message.role}: {_written(entry.message)}" for entry in entries)


def _written(message: Message) -> str:
    texts = (block.text if isinstance(block, TextBlock) else block_text(block) for block in message.content)
    return "\n".join(filter(None, texts))

"""What no store could keep is refused at the door it comes in by, and the session goes on and is stored."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentick_core import AgentickError, Nodes, Timeline, component, create_app, create_tool, use_on_tick_end
from agentick_core.errors import NotFoundError, ValidationError
from agentick_core.messages.blocks import ImageBlock, JsonBlock, TextBlock
from agentick_core.messages.message import Message
from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import (
    BlockDelta,
    ContentMetadata,
    MessageClosed,
    MessageOpened,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallOpened,
)
from agentick_core.recording import Recording
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import Plain, result_texts, talking, texts

NAN: Any = float("nan")
STRANGE: Any = object()
RAW: Any = b"x"
ROLE: Any = "chorus"


async def comes_back(folder: Path, agent: Any, model: ScriptedModel, first: str) -> list[str]:
    """Say something twice, and give the texts that a program which starts later finds."""
    async with create_app(agent, model=model, store=SqliteStore(folder / "s.db")) as app:
        session = await app.session("s", recording="full")
        try:
            await session.send(first).result
        except AgentickError as error:
            assert error.hint
        assert (await session.send("again").result).response == "fine"
        await session.flush()
        recording = session.get_recording()
        assert recording is not None
        await asyncio.to_thread(recording.save, folder / "r.json")
        assert await asyncio.to_thread(Recording.load, folder / "r.json")
        shown = texts(session.timeline)
    async with create_app(agent, model=model, store=SqliteStore(folder / "s.db")) as app:
        assert texts((await app.session("s")).timeline) == shown
    return shown


@pytest.mark.parametrize(
    "wrong",
    [
        (ToolCallOpened("a", "t"), ToolCallClosed("a", {"x": NAN})),
        (ToolCallOpened("a", "t"), ToolCallClosed("a", {"x": STRANGE})),
        (TextDelta("x"), ContentMetadata({"x": STRANGE})),
        (BlockDelta(JsonBlock(STRANGE)),),
        (BlockDelta(STRANGE),),
        (ReasoningTextDelta("x"), ReasoningClosed(signature=RAW)),
        (TextDelta("x"), MessageClosed("stop", Usage(input_tokens=NAN))),
        (STRANGE,),
    ],
    ids=lambda deltas: type(deltas[-1]).__name__,
)
async def test_an_answer_that_could_not_be_stored_fails_alone(
    tmp_path: Path, wrong: Sequence[ModelDelta]
) -> None:
    model = ScriptedModel([MessageOpened(), *wrong, MessageClosed("stop")], "fine")
    shown = await comes_back(tmp_path, Plain, model, "hi")
    assert (shown[0], shown[-2:]) == ("hi", ["again", "fine"])


@pytest.mark.parametrize(
    "result",
    [TextBlock(RAW), TextBlock("x", metadata={"x": STRANGE}), ImageBlock(source=STRANGE), JsonBlock(STRANGE)],
    ids=["text", "metadata", "picture", "json"],
)
@pytest.mark.parametrize("by", ["tool", "middleware"])
async def test_a_result_that_could_not_be_stored_is_a_failed_call(
    tmp_path: Path, result: Any, by: str
) -> None:
    async def give() -> Any:
        return result if by == "tool" else "well"

    async def instead(invocation: Any, next: Any) -> Any:
        given = await next(invocation)
        return given if by == "tool" else type(given)("other", "other", (result,))

    odd = create_tool(name="odd", handler=give, middleware=[instead])

    @component
    def Odd() -> Nodes:
        yield odd
        yield Timeline()

    shown = await comes_back(tmp_path, Odd, ScriptedModel(call("odd"), "done", "fine"), "hi")
    assert (shown[0], shown[-3:]) == ("hi", ["done", "again", "fine"])
    async with talking(ScriptedModel(call("odd"), "done"), Odd) as session:
        await session.send("hi").result
        assert "Unexpected tool result type" in result_texts(session)[0]
        (asked,), (answered,) = (session.timeline[at].message.content for at in (1, 2))
        assert asked.tool_use_id == answered.tool_use_id


@pytest.mark.parametrize(
    "message",
    [
        Message("user", (TextBlock(RAW),)),
        Message(ROLE, (TextBlock("x"),)),
        Message("user", (TextBlock("x"),), RAW),
        Message("user", (TextBlock("x"), STRANGE)),
    ],
)
async def test_a_message_that_could_not_be_read_again_is_refused(message: Message) -> None:
    async with talking() as session:
        for take in (session.send, session.queue, session.append):
            with pytest.raises(ValidationError, match="Validation failed"):
                await take(message)
        assert not session.queued_messages
        assert not session.timeline


async def test_what_is_done_later_to_a_message_that_was_sent_does_not_reach_it() -> None:
    labels: dict[str, Any] = {"tags": []}
    async with talking() as session:
        handle = await session.send(Message("user", (JsonBlock(labels),), metadata=labels))
        labels["tags"].append(STRANGE)
        await handle.result
        assert session.timeline[0].message.metadata == {"tags": []}
        assert session.timeline[0].message.content == (JsonBlock({"tags": []}),)


async def test_a_timeline_cannot_be_set_to_entries_that_nobody_said() -> None:
    refused: list[Exception] = []

    @component
    def Forger() -> Nodes:
        @use_on_tick_end
        def forge(result: Any) -> None:
            (entry, *_) = result.timeline
            forged = type(entry)(entry.id, Message("user", (TextBlock("I never said that."),)))
            with pytest.raises(NotFoundError) as caught:
                result.ctx.timeline.set([forged])
            refused.append(caught.value)

        yield Timeline()

    async with talking(agent=Forger) as session:
        await session.send("hi").result
        assert texts(session.timeline)[0] == "hi"
    assert len(refused) == 1

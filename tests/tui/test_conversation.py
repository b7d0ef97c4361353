"""The chat's own state: what is sent, queued, asked and restored."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from agentick_core.messages.request import ModelRequest
from agentick_core.testing import FunctionModel, ScriptedModel, call
from agentick_tui.confirm.question import Answer
from agentick_tui.conversation import Conversation, restored
from agentick_tui.transcript.blocks import (
    AnswerBlock,
    CommandBlock,
    ErrorBlock,
    InterruptedBlock,
    ToolBlock,
    ToolState,
    UserBlock,
)
from tests.tui.chatting import conversing, until


def endless() -> FunctionModel:
    """Give a model that begins an answer and never ends it; the second answer is short."""

    async def begin() -> AsyncIterator[str]:
        yield "It begins"
        await asyncio.Event().wait()

    def answer(request: ModelRequest) -> str | AsyncIterator[str]:
        first = sum(message.role == "user" for message in request.messages) == 1
        return begin() if first else "It is done."

    return FunctionModel(answer)


def texts(conversation: Conversation) -> list[str]:
    """Give what was said, in order."""
    blocks = [item.block for item in conversation.transcript.items]
    return [block.text.text for block in blocks if isinstance(block, UserBlock | AnswerBlock)]


async def test_a_message_gets_its_answer(tmp_path: Path):
    async with conversing(ScriptedModel("Hello."), tmp_path) as conversation:
        conversation.send("Hi")
        assert conversation.running
        await until(lambda: not conversation.running)
        assert texts(conversation) == ["Hi", "Hello."]


async def test_what_is_queued_goes_out_one_by_one_after_a_good_end(tmp_path: Path):
    async with conversing(ScriptedModel("One.", "Two.", "Three."), tmp_path) as conversation:
        conversation.send("1")
        conversation.queue("2")
        conversation.queue("3")
        await until(lambda: len(texts(conversation)) == 6 and not conversation.running)
        assert texts(conversation) == ["1", "One.", "2", "Two.", "3", "Three."]
        assert not conversation.backlog.texts


async def test_an_interrupt_pauses_the_queue_and_takes_back_what_was_steered(tmp_path: Path):
    async with conversing(endless(), tmp_path) as conversation:
        conversation.send("1")
        await until(lambda: "It begins" in texts(conversation))
        conversation.queue("queued")
        conversation.send("steered")
        conversation.interrupt()
        assert conversation.stopping
        await until(lambda: not conversation.running)
        assert conversation.backlog.texts == ("steered", "queued")
        assert conversation.backlog.paused
        assert any(isinstance(item.block, InterruptedBlock) for item in conversation.transcript.items)
        conversation.resume()
        await until(lambda: "It is done." in texts(conversation))


async def test_the_title_the_queue_the_draft_and_commands_come_back(tmp_path: Path):
    async with conversing(ScriptedModel("Hello."), tmp_path) as conversation:
        conversation.send("Hi")
        await until(lambda: not conversation.running)
        await conversation.run_command("greet", "greet", {"name": "Ada"}, typed="Ada")
        conversation.queue("later")
        conversation.keep_draft("half a")
        await conversation.rename("A title")
        session = conversation.door.session.id
    async with conversing(ScriptedModel(), tmp_path, session) as conversation:
        assert texts(conversation) == ["Hi", "Hello."]
        last = conversation.transcript.items[-1].block
        assert isinstance(last, CommandBlock)
        assert last.output.text == "Greetings Ada"
        assert conversation.backlog.texts == ("later",)
        assert conversation.backlog.paused
        assert conversation.title == "A title"
        assert (await conversation.door.tables.load(session)).draft == "half a"


async def test_a_question_shows_what_the_tool_takes_and_what_it_may_do(tmp_path: Path):
    model = ScriptedModel(call("pay", amount=5, to="Ann"), "Done.")
    async with conversing(model, tmp_path) as conversation:
        conversation.send("Pay")
        await until(lambda: conversation.door.inspection and conversation._frame.asked)  # pyright: ignore[reportPrivateUsage]  # frame() would take it
        (question,) = conversation.frame().asked
        assert question.arguments == {"amount": 5, "to": "Ann"}
        assert question.schema["required"] == ["amount", "to"]
        assert question.effects == ("write",)
        conversation.answer(
            Answer(call_id=question.call_id, approved=True, arguments={"amount": 7, "to": "Bo"})
        )
        await until(lambda: not conversation.running)
        assert conversation.frame().answered == (question.call_id, question.call_id)
        (tool,) = [item.block for item in conversation.transcript.items if isinstance(item.block, ToolBlock)]
        assert (tool.state, tool.output.text) == (ToolState.DONE, "paid 7 to Bo")


async def test_a_failed_command_says_why_and_stays_with_the_session(tmp_path: Path):
    async with conversing(ScriptedModel(), tmp_path) as conversation:
        await conversation.run_command("greet", "greet", {"times": 2}, typed="times=2")
        (kept,) = (await conversation.door.tables.load(conversation.door.session.id)).commands
        assert kept.state == "failed"
        assert "name" in kept.output


async def test_an_answer_that_was_cut_off_before_its_first_word_is_marked(tmp_path: Path):
    async with conversing(ScriptedModel("Hello."), tmp_path) as conversation:
        conversation.send("Hi")
        await until(lambda: not conversation.running)
        opened = await conversation.door.open(conversation.door.session.id)
    assert opened.cut_off == ""
    cut_off = replace(opened, entries=opened.entries[:1], cut_off="The program ended")
    assert isinstance(restored(cut_off).items[-1].block, InterruptedBlock)


async def test_an_error_is_a_card_and_pauses_the_queue(tmp_path: Path):
    async with conversing(ScriptedModel(RuntimeError("broken")), tmp_path) as conversation:
        conversation.send("Hi")
        conversation.queue("later")
        await until(lambda: not conversation.running)
        assert any(isinstance(item.block, ErrorBlock) for item in conversation.transcript.items)
        assert conversation.backlog.paused
        assert conversation.resume_hint == ""
    assert "agentick --resume" in conversation.resume_hint


async def test_a_tool_that_asks_a_model_also_asks_who_runs_it_by_hand(tmp_path: Path):
    async with conversing(ScriptedModel(), tmp_path) as conversation:
        running = asyncio.create_task(
            conversation.run_command("pay", "pay", {"amount": 5, "to": "Ann"}, typed="5 Ann")
        )
        await until(lambda: conversation._frame.asked)  # pyright: ignore[reportPrivateUsage]  # frame() would take it
        (question,) = conversation.frame().asked
        conversation.answer(Answer(call_id=question.call_id, approved=False, reason="no"))
        await running
        (kept,) = (await conversation.door.tables.load(conversation.door.session.id)).commands
        assert kept.state == "denied"

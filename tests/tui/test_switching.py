"""Going from one session to another while the one before still runs, asks or is being spoken to."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from agentick_core.components.timeline import Timeline
from agentick_core.messages.tool import ToolDefinition
from agentick_core.session.app.create import create_app
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.confirm import AllowRule, ConfirmationRequest, Decision
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes
from agentick_tui.confirm.question import Answer, RuleChoice
from agentick_tui.conversation import Conversation
from agentick_tui.engine.door import Door
from agentick_tui.engine.load_app import LoadedApp
from agentick_tui.engine.project_rules import PROJECT, ProjectRules
from agentick_tui.transcript.blocks import CommandBlock
from tests.tui.chatting import chat_options, conversing, on_screen, type_text, until
from tests.tui.test_conversation import endless, texts

AGENT = "an agent"


@tool(audience="user")
async def wait_long() -> str:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return ""


@tool(audience="user")
def clear() -> str:
    """Clear as the agent means it."""
    return "The agent has cleared."


@component
def Slow() -> Nodes:
    """Wait, and clear."""
    yield (wait_long, clear)
    yield Timeline()


@asynccontextmanager
async def slowly_conversing(folder: Path) -> AsyncGenerator[Conversation]:
    """Give a conversation with the agent above, its events to be followed by hand."""
    app = create_app(Slow, model=ScriptedModel())
    options = replace(chat_options(ScriptedModel(), folder), loaded=LoadedApp("tests:slow", app))
    conversation = Conversation(Door(options, lambda: None), lambda: None)
    try:
        yield conversation
    finally:
        await conversation.aclose()


async def test_a_question_goes_with_the_session_that_asked_it(tmp_path: Path):
    model = ScriptedModel(call("pay", amount=5, to="Ann"))
    async with on_screen(model, tmp_path) as (app, pilot):
        await type_text(pilot, "Pay")
        await until(lambda: app.confirm.current is not None)
        before = app.conversation.door.session.id
        app.run_line("/new")
        await until(lambda: app.opened.is_set() and app.conversation.door.session.id != before)
        await pilot.pause()
        assert app.confirm.current is None
        assert not app.confirm.display
        await type_text(pilot, "/queue")
        blocks = app.conversation.transcript.items
        await until(lambda: any(isinstance(item.block, CommandBlock) for item in blocks))


async def test_nothing_is_awaited_any_more_in_another_session(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: app.status.status.since is not None)
        before = app.conversation.door.session.id
        await type_text(pilot, "/new")
        await until(lambda: app.opened.is_set() and app.conversation.door.session.id != before)
        await until(lambda: app.status.status.since is None)
        assert not app.status.status.awaiting


async def test_what_is_sent_in_one_burst_after_new_goes_to_the_new_session(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        before = app.conversation.door.session.id
        for key in (*"/new", "enter", *"later", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(lambda: app.opened.is_set() and app.conversation.door.session.id != before)
        await until(lambda: texts(app.conversation)[:1] == ["later"])


async def test_keys_while_a_session_opens_mean_nothing_and_break_nothing(tmp_path: Path):
    async with conversing(endless(), tmp_path) as conversation:
        conversation.send("1")
        await until(lambda: "It begins" in texts(conversation))
        conversation.queue("later")
        before = conversation.door.session.id
        opening = asyncio.create_task(conversation.open(None, ()))
        await asyncio.sleep(0)
        while not opening.done():
            conversation.interrupt()
            conversation.resume()
            conversation.send_first()
            conversation.answer(Answer(call_id="gone", approved=True))
            conversation.follow()
            await asyncio.sleep(0)
        await opening
        conversation.follow()
        assert not conversation.running
        assert texts(conversation) == []
        assert (await conversation.door.tables.load(before)).queue == ("later",)


async def test_a_command_that_another_session_outlives_is_kept_with_its_own(tmp_path: Path):
    async with slowly_conversing(tmp_path) as conversation:
        before = (await conversation.open(None, ())).session_id
        heard: list[object] = []
        conversation.door.session.on("event", heard.append)
        running = asyncio.create_task(conversation.run_command("wait_long", "wait_long", {}, typed=""))
        await until(lambda: heard)
        await conversation.open(None, ())
        await running
        (kept,) = (await conversation.door.tables.load(before)).commands
        assert kept.state == "cancelled"
        assert not (await conversation.door.tables.load(conversation.door.session.id)).commands


async def test_a_command_whose_session_closes_while_its_tool_is_looked_up_stays_in_the_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        learn = app.conversation.learn_tools

        async def closing_meanwhile() -> Sequence[ToolDefinition]:
            learnt = await learn()
            app.opened.clear()
            await app.conversation.door.close_session()
            return learnt

        monkeypatch.setattr(app.conversation, "learn_tools", closing_meanwhile)
        app.run_line("/greet Ada")
        await until(lambda: app.prompt.text == "/greet Ada")
        await pilot.pause()


async def test_an_agents_own_clear_shows_its_result(tmp_path: Path):
    async with slowly_conversing(tmp_path) as conversation:
        await conversation.open(None, ())
        await conversation.run_command("agent:clear", "clear", {}, typed="")
        conversation.follow()
        (block,) = [item.block for item in conversation.transcript.items]
        assert isinstance(block, CommandBlock)
        assert block.output.text == "The agent has cleared."


async def test_an_answer_that_nobody_waits_for_stores_no_rule(tmp_path: Path):
    async with conversing(ScriptedModel(), tmp_path) as conversation:
        rule = RuleChoice(label="This tool", detail="", rule=AllowRule("pay", origin=PROJECT))
        conversation.answer(Answer(call_id="gone", approved=True, rule=rule))
        await asyncio.sleep(0)
        rules = ProjectRules(conversation.door.tables.database, tmp_path, AGENT)
        assert await rules.decide(ConfirmationRequest(call_id="next", name="pay")) is None


async def test_a_stored_rule_that_is_not_understood_allows_nothing_and_hinders_nothing(tmp_path: Path):
    async with conversing(ScriptedModel(), tmp_path) as conversation:
        database = conversation.door.tables.database
        rules = ProjectRules(database, tmp_path, AGENT)
        await rules.add(AllowRule("greet"))
        row = (str(tmp_path.resolve()), AGENT, '{"tool": "pay", "unless": "it is dear"}')
        await database.write(
            lambda held: held.execute("INSERT INTO chat_rules VALUES (?, ?, ?)", row).rowcount
        )
        assert await rules.decide(ConfirmationRequest(call_id="1", name="pay")) is None
        assert await rules.decide(ConfirmationRequest(call_id="2", name="greet")) == Decision(True)


async def test_the_way_back_is_said_so_that_a_shell_and_a_terminal_can_take_it(tmp_path: Path):
    async with slowly_conversing(tmp_path) as conversation:
        await conversation.open("it's \x1b]0;mine\x07; x", ())
        conversation._resumable = conversation.door.session.id  # pyright: ignore[reportPrivateUsage]  # as if something had been said
        assert conversation.resume_hint.endswith("""--resume 'it'"'"'s ␛]0;mine␇; x'""")


async def test_resuming_the_open_session_leaves_its_answer_alone(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        session = app.conversation.door.session
        app.run_line(f"/resume {session.id}")
        blocks = app.conversation.transcript.items
        await until(lambda: "Resuming" in str([item.block for item in blocks]))
        await pilot.pause()
        assert app.conversation.door.session is session
        assert app.conversation.running


async def test_a_fork_during_the_first_answer_has_what_was_seen_of_it_and_what_waits(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        before = app.conversation.door.session.id
        await type_text(pilot, "later")
        await type_text(pilot, "/sessions")
        await until(lambda: "sessions" in commands(app.conversation))
        await type_text(pilot, "/fork")
        await until(lambda: app.opened.is_set() and app.conversation.door.session.id != before)
        assert texts(app.conversation) == ["Hi", "It begins"]
        assert commands(app.conversation) == ["sessions"]
        assert app.conversation.backlog.texts == ("later",)
        await until(lambda: app.conversation.title == "Hi (fork)")
        await pilot.press("enter")
        await until(lambda: texts(app.conversation)[2:] == ["later", "It is done."])
        app.run_line(f"/resume {before}")
        await until(lambda: app.opened.is_set() and app.conversation.door.session.id == before)
        assert texts(app.conversation) == ["Hi", "It begins"]
        assert app.conversation.backlog.texts == ("later",)


def commands(conversation: Conversation) -> list[str]:
    """Give the names of the commands whose results are shown."""
    blocks = [item.block for item in conversation.transcript.items]
    return [block.name for block in blocks if isinstance(block, CommandBlock)]

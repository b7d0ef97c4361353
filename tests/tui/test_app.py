"""The chat as an application: keys and commands, wired to the conversation."""

from pathlib import Path

import pytest
from textual import events

from agentick_core.errors import StorageError
from agentick_core.testing import FunctionModel, ScriptedModel, call
from agentick_tui.keymap import ScreenState
from agentick_tui.prompt.completion_list import CompletionList
from agentick_tui.transcript.blocks import CommandBlock, ErrorBlock, NoticeBlock
from tests.tui.chatting import on_screen, type_text, until
from tests.tui.test_conversation import endless, texts


async def test_what_is_typed_is_sent_and_answered(tmp_path: Path):
    async with on_screen(ScriptedModel("Hello."), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: texts(app.conversation) == ["Hi", "Hello."])
        assert app.prompt.text == ""


async def test_keys_go_by_what_runs_before_anything_is_drawn(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: app.conversation.running and app.prompt.editor.state is ScreenState.RUNNING)
        await pilot.press("l", "a", "t", "e", "r", "enter")
        assert app.conversation.backlog.texts == ("later",)
        await pilot.press("d", "escape")
        await until(lambda: not app.conversation.running)
        assert app.prompt.text == "d"


async def test_keys_of_one_burst_mean_what_they_would_one_by_one(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        for key in (*"one", "enter", *"two", "enter", *"draft", "ctrl+c"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(lambda: app.conversation.backlog.paused and not app.conversation.running)
        await pilot.pause()
        assert "two" in app.conversation.backlog.texts
        assert app.prompt.text == "draft"


async def test_a_command_whose_result_cannot_be_kept_is_shown_and_the_chat_goes_on(tmp_path: Path):
    async with on_screen(ScriptedModel("Hello."), tmp_path) as (app, pilot):
        for file in tmp_path.glob("sessions.db*"):
            file.unlink()
        await type_text(pilot, "/queue")
        blocks = app.conversation.transcript.items
        await until(lambda: any(isinstance(item.block, CommandBlock) for item in blocks))
        await until(lambda: isinstance(blocks[-1].block, ErrorBlock))
        assert "Nothing is queued." in str([item.block for item in blocks])
        shown = len(blocks)
        await pilot.press(*"draft")
        # Written after the draft, so that it fails after that too.
        with pytest.raises(StorageError):
            await app.conversation.door.tables.remember("text")
        await pilot.pause()
        assert app.prompt.text == "draft"
        assert len(blocks) == shown


async def test_a_command_of_the_agent_is_dispatched_and_ours_wins(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        await type_text(pilot, "/greet Ada times=2")
        blocks = app.conversation.transcript.items
        await until(lambda: any(isinstance(item.block, CommandBlock) for item in blocks))
        await until(lambda: "Greetings Ada, Greetings Ada" in str([item.block for item in blocks]))
        await until(lambda: any(isinstance(item.block, NoticeBlock) for item in blocks))
        assert "/agent:help" in str([item.block for item in blocks])
        await type_text(pilot, "/agent:help")
        await until(lambda: "The agent helps." in str([item.block for item in blocks]))


async def test_a_wrong_argument_stays_in_the_prompt(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        await type_text(pilot, "/greet Ada times=lots")
        await until(lambda: "✗" in str(app.query_one(CompletionList).render()))
        assert app.prompt.text == "/greet Ada times=lots"
        assert "Greetings" not in str(app.conversation.transcript.items)


async def test_a_tool_that_asks_is_answered_with_a_key(tmp_path: Path):
    model = ScriptedModel(call("pay", amount=5, to="Ann"), "Done.")
    async with on_screen(model, tmp_path) as (app, pilot):
        await type_text(pilot, "Pay")
        await until(lambda: app.confirm.current is not None)
        app.confirm._queue.guard = 0  # pyright: ignore[reportPrivateUsage]  # its time is tested elsewhere
        await pilot.press("y")
        await until(lambda: "Done." in texts(app.conversation))


async def test_leaving_stops_what_runs_and_closes_the_engine(tmp_path: Path):
    async with on_screen(endless(), tmp_path) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        await pilot.press("ctrl+q")
    assert not app.conversation.door.is_open
    assert "agentick --resume" in app.conversation.resume_hint
    assert app.return_code == 0


async def test_a_screen_that_is_too_small_gives_the_keys_back_when_it_grows(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        await pilot.resize_terminal(30, 8)
        assert app.too_small.display
        await pilot.press("x")
        assert app.prompt.text == ""
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.press("y")
        assert app.prompt.text == "y"


async def test_devtools_show_what_is_live(tmp_path: Path):
    async with on_screen(FunctionModel(lambda _: "Hello."), tmp_path) as (app, pilot):
        await pilot.press("f12")
        assert app.devtools_panel is not None and app.devtools_panel.is_open
        await type_text(pilot, "Hi")
        await until(lambda: "Hello." in texts(app.conversation))
        assert app.conversation.door.scheduler_state is not None
        await pilot.press("f12")
        assert not app.devtools_panel.is_open


async def test_a_session_that_cannot_be_opened_leaves_the_one_before_and_every_text(tmp_path: Path):
    async with (
        on_screen(ScriptedModel(), tmp_path) as (first, _),
        on_screen(ScriptedModel(), tmp_path) as (second, other),
    ):
        # It is in use, and there is nothing yet that could be read of it.
        mine = second.conversation.door.session.id
        second.switch_to(first.conversation.door.session.id, "")
        await type_text(other, "/queue")
        await until(
            lambda: any(isinstance(item.block, ErrorBlock) for item in second.conversation.transcript.items)
        )
        assert second.conversation.door.session.id == mine


async def test_another_theme_is_drawn_with(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        await type_text(pilot, "/theme agentick-light")
        await until(lambda: app.theme == "agentick-light")

"""Commands as they are typed, completed, refused and stopped on the screen."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentick_core.components.timeline import Timeline
from agentick_core.hooks import use_state
from agentick_core.messages.tool import ToolDefinition
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes
from agentick_tui.app import ChatApp
from agentick_tui.keymap import ScreenState
from agentick_tui.transcript.blocks import CommandBlock, ErrorBlock, NoticeBlock, ToolState
from tests.tui.chatting import on_screen, type_text, until
from tests.tui.test_conversation import endless, texts


@tool(name="agentick_queue", audience="all")
def their_queue() -> str:
    """Their queue."""
    return "The agent's own queue."


@tool(name="theme", audience="user", aliases=["clear"])
def their_theme() -> str:
    """Their theme."""
    return "The agent's own theme."


@component
def Alike() -> Nodes:
    """Tools that are called as ours are."""
    yield (their_queue, their_theme)
    yield Timeline()


@component
def Plain() -> Nodes:
    """Talk."""
    yield Timeline()


@component
def Broken() -> Nodes:
    """Fail."""
    raise RuntimeError("the garden is closed")
    yield


@tool(audience="user")
async def wait_long() -> str:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return ""


@tool(audience="user")
def many(lines: int) -> str:
    """Give many lines."""
    return "\n".join(f"line {number}" for number in range(1, lines + 1))


@component
def Slow() -> Nodes:
    """Wait, or give much."""
    yield (wait_long, many)
    yield Timeline()


@tool(audience="user")
def after_rain(umbrella: str) -> str:
    """Only once it has rained."""
    return f"took {umbrella}"


@component
def Weather() -> Nodes:
    """A tool that is there from the second tick on."""
    rained, set_rained = use_state(False)

    @tool
    async def rain() -> str:
        """Let it rain."""
        set_rained(True)
        return "it rains"

    yield rain
    if rained:
        yield after_rain
    yield Timeline()


def commands(app: ChatApp) -> list[CommandBlock]:
    """Give the commands' blocks."""
    blocks = [item.block for item in app.conversation.transcript.items]
    return [block for block in blocks if isinstance(block, CommandBlock)]


def notices(app: ChatApp) -> list[str]:
    """Give the application's own lines."""
    blocks = [item.block for item in app.conversation.transcript.items]
    return [block.text for block in blocks if isinstance(block, NoticeBlock)]


def in_view(app: ChatApp) -> Sequence[str]:
    """Give the lines of the transcript that are on the screen."""
    strips = [app.view.render_line(y) for y in range(app.view.size.height)]
    # The last cell may hold the scroll mark.
    return [strip.text[:-1].rstrip() for strip in strips]


async def test_a_hidden_tool_is_told_of_once_when_the_session_opens(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path, agent=Alike) as (app, pilot):
        await until(lambda: notices(app))
        await pilot.press("slash", "t")
        await until(lambda: app.prompt.is_completing)
        await pilot.pause()
        assert notices(app) == ["The agent's /theme is reached as /agent:theme."]
        assert app.prompt.text == "/t"
        await pilot.press("escape", "ctrl+u")
        await type_text(pilot, "/new")
        await until(lambda: app.opened.is_set() and not commands(app) and notices(app))
        assert len(notices(app)) == 1


async def test_an_agent_that_fails_is_a_card_when_the_session_opens_and_the_chat_stays(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path, agent=Broken) as (app, pilot):
        items = app.conversation.transcript.items
        await until(lambda: any(isinstance(item.block, ErrorBlock) for item in items))
        assert "the garden is closed" in str(items[0].block)
        await type_text(pilot, "/queue")
        await until(lambda: commands(app))
        assert commands(app)[0].output.text == "Nothing is queued."
        assert len([item for item in items if isinstance(item.block, ErrorBlock)]) == 1


@pytest.mark.parametrize("place", ["tree", "app"])
async def test_our_command_runs_whatever_an_agent_calls_its_tools(tmp_path: Path, place: str):
    model = ScriptedModel("Hello.")
    agent = Alike if place == "tree" else Plain
    tools = [their_queue, their_theme] if place == "app" else []
    async with on_screen(model, tmp_path, agent=agent, tools=tools) as (app, pilot):
        for typed in ("/queue", "/agentick_queue", "/agent:agentick_queue", "/agent:theme", "/theme"):
            before = len(commands(app))
            await type_text(pilot, typed)
            await until(lambda: len(commands(app)) > before and not commands(app)[-1].state.is_open)  # noqa: B023  # awaited here
        ours, full, prefixed, theme, our_theme = (block.output.text for block in commands(app))
        assert ours == "Nothing is queued."
        assert full == prefixed == "The agent's own queue."
        assert theme == "The agent's own theme."
        assert "agentick-dark" in our_theme
        assert [block.name for block in commands(app)][:3] == [
            "queue",
            "agentick_queue",
            "agent:agentick_queue",
        ]
        await type_text(pilot, "/tools")
        await until(lambda: "agentick_queue" in commands(app)[-1].output.text)
        assert "agentick_help" not in commands(app)[-1].output.text
        await pilot.press(*"/agentick")
        await until(lambda: app.prompt.is_completing)
        await pilot.press("escape", "ctrl+u")
        await type_text(pilot, "Hi")
        await until(lambda: "Hello." in texts(app.conversation))
        assert [each.name for each in model.requests[0].tools] == ["agentick_queue"]


async def test_tools_that_come_with_a_tick_are_completed_and_found_after_it(tmp_path: Path):
    model = ScriptedModel(call("rain"), "Wet.")
    async with on_screen(model, tmp_path, agent=Weather) as (app, pilot):
        await type_text(pilot, "/after_rain green")
        await until(lambda: app.prompt.text == "/after_rain green")
        await pilot.press("ctrl+u")
        await type_text(pilot, "Rain!")
        await until(lambda: "Wet." in texts(app.conversation) and not app.conversation.running)
        asked = [each.name for each in app.offered_commands()]
        assert "after_rain" not in asked
        await until(lambda: "after_rain" in [each.name for each in app.offered_commands()])
        await type_text(pilot, "/after_rain green")
        await until(lambda: commands(app) and commands(app)[-1].output.text == "took green")


async def test_what_the_tools_are_is_not_asked_at_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with on_screen(ScriptedModel(), tmp_path, agent=Alike) as (app, pilot):
        await until(lambda: notices(app))
        asked: list[int] = []
        definitions = app.conversation.door.definitions

        async def counted() -> Sequence[ToolDefinition]:
            asked.append(1)
            return await definitions()

        monkeypatch.setattr(app.conversation.door, "definitions", counted)
        await pilot.press("slash")
        await until(lambda: asked == [1] and not app.conversation.tools_changed)
        await pilot.press(*"the", "backspace", "m")
        await pilot.pause()
        assert asked == [1]


async def test_what_was_steered_is_seen_until_its_tick_and_esc_brings_it_back(tmp_path: Path):
    async with on_screen(endless(), tmp_path, agent=Plain) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        assert not app.queue_strip.display
        await pilot.press(*"Rome", "alt+enter")
        await until(lambda: app.queue_strip.display)
        assert "steered, next tick  Rome" in app.queue_strip.render().plain
        await type_text(pilot, "/queue")
        await until(lambda: commands(app))
        assert commands(app)[-1].output.text == "Steered, for the next tick: Rome"
        await pilot.press("escape")
        await until(lambda: not app.conversation.running)
        assert app.conversation.backlog.texts == ("Rome",)
        await until(lambda: "paused  Rome" in app.queue_strip.render().plain)


async def test_what_an_answer_begins_with_is_not_shown_as_steered(tmp_path: Path):
    async with on_screen(endless(), tmp_path, agent=Plain) as (app, pilot):
        shown: list[object] = []
        await pilot.press("H", "i", "enter")
        while not app.conversation.running or "It begins" not in texts(app.conversation):
            shown += app.conversation.door.steered
            await asyncio.sleep(0)
        assert not shown


async def test_a_command_that_refuses_its_argument_comes_back_with_the_reason(tmp_path: Path):
    async with on_screen(ScriptedModel(), tmp_path, agent=Plain) as (app, pilot):
        await type_text(pilot, "/theme nosuch")
        await until(lambda: app.prompt.text == "/theme nosuch")
        shown = app.prompt.query_one("CompletionList").render()
        assert "There is no theme 'nosuch'. There are: agentick-dark" in str(shown)
        assert not commands(app)
        session = app.conversation.door.session.id
        assert not (await app.conversation.door.tables.load(session)).commands
        await pilot.press("ctrl+u")
        await type_text(pilot, "/theme agentick-light")
        await until(lambda: commands(app) and app.theme == "agentick-light")


async def test_a_long_result_is_shown_from_its_beginning(tmp_path: Path):
    async with on_screen(ScriptedModel("Hello."), tmp_path, agent=Slow, size=(60, 20)) as (app, pilot):
        await type_text(pilot, "/help")
        await until(lambda: "/help" in in_view(app)[0] and "Commands" in in_view(app)[1])
        assert not app.view.following
        await type_text(pilot, "Hi")
        await until(lambda: "Hello." in texts(app.conversation) and app.view.following)
        await type_text(pilot, "/many 40")
        await until(lambda: "/many" in in_view(app)[1] and in_view(app)[2].endswith("line 1"))
        await type_text(pilot, "/many 2")
        await until(lambda: any(line.endswith("line 2") for line in in_view(app)) and app.view.following)


async def test_only_a_block_with_more_to_see_can_be_opened(tmp_path: Path):
    async with on_screen(ScriptedModel("Hello."), tmp_path, agent=Slow) as (app, pilot):
        await type_text(pilot, "/many 70")
        await until(lambda: commands(app) and not commands(app)[-1].state.is_open)
        await type_text(pilot, "Hi")
        await until(lambda: "Hello." in texts(app.conversation) and not app.conversation.running)
        await pilot.press("alt+up")
        await until(lambda: app.prompt.editor.state is ScreenState.WHOLE_BLOCK)
        assert "open" not in app.status.render().plain
        await pilot.press("alt+up", "alt+up")
        await until(lambda: app.prompt.editor.state is ScreenState.BLOCK)
        assert "open" in app.status.render().plain
        await pilot.press("enter")
        assert app.view.cursor is not None
        assert not app.view.cursor.folded


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_a_tool_run_by_hand_is_stopped_and_says_so(tmp_path: Path, key: str):
    async with on_screen(ScriptedModel("Hello."), tmp_path, agent=Slow) as (app, pilot):
        await type_text(pilot, "/wait_long")
        await until(lambda: commands(app) and app.prompt.editor.state is ScreenState.COMMAND)
        await pilot.press("d", key)
        await until(lambda: commands(app)[-1].state is ToolState.CANCELLED)
        await until(lambda: app.prompt.editor.state is ScreenState.IDLE)
        assert app.prompt.text == "d"
        session = app.conversation.door.session.id
        await type_text(pilot, "one")
        await until(lambda: "Hello." in texts(app.conversation))
    async with on_screen(ScriptedModel(), tmp_path, session, agent=Slow) as (app, pilot):
        assert commands(app)[-1].state is ToolState.CANCELLED


async def test_esc_stops_the_answer_and_the_tool_run_by_hand(tmp_path: Path):
    async with on_screen(endless(), tmp_path, agent=Slow) as (app, pilot):
        await type_text(pilot, "Hi")
        await until(lambda: "It begins" in texts(app.conversation))
        await type_text(pilot, "/wait_long")
        await until(lambda: commands(app))
        await pilot.press("escape")
        await until(lambda: commands(app)[-1].state is ToolState.CANCELLED and not app.conversation.running)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/model nonsense:x", "Unknown model: 'nonsense:x'. Use offline"),
        ("/theme plaid", "There is no theme 'plaid'. There are: "),
        ("/resume none", "Unknown session: 'none'. There are no stored sessions yet."),
    ],
)
async def test_why_a_command_was_refused_and_what_to_do_are_sentences_of_their_own(
    tmp_path: Path, typed: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    async with on_screen(ScriptedModel(), tmp_path) as (app, pilot):
        complaints: list[str] = []
        monkeypatch.setattr(app.prompt, "complain", complaints.append)
        await type_text(pilot, typed)
        await until(lambda: complaints)
        assert complaints[0].startswith(said)

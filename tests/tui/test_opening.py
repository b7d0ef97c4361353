"""The start of the chat: keys are heard before the engine is there, and nothing that was typed meanwhile is lost."""

import asyncio
import string
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual._path import CSSPathType
from textual.app import ComposeResult

from agentick_core.errors import StoreFullError, ValidationError
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import ScriptedModel
from agentick_tui import app as app_module
from agentick_tui.app import ChatApp
from agentick_tui.conversation import Conversation
from agentick_tui.engine.options import ChatOptions
from agentick_tui.later import begin_conversation
from tests.tui.chatting import PALETTE, chat_options, conversing, on_screen, type_text, until
from tests.tui.test_conversation import endless, texts

STYLES = sorted((Path(app_module.__file__).parent / "styles").glob("*.tcss"))


class Gate:
    """Begins the conversation when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def begin(self, options: ChatOptions, changed: Callable[[], None]) -> Conversation:
        """Wait, then begin."""
        await self.open.wait()
        return await begin_conversation(options, changed)


class Hasty(ChatApp):
    """A chat into which letters are typed at every step of its start."""

    CSS_PATH: ClassVar[CSSPathType | None] = [*STYLES]
    letters = iter("")

    def type(self, count: int) -> None:
        """Type the next letters, as the terminal does."""
        for letter in (next(self.letters) for _ in range(count)):
            self.post_message(events.Key(letter, letter))

    def compose(self) -> ComposeResult:
        """Type before anything is there."""
        self.letters = iter(string.ascii_letters)
        self.type(13)
        yield from super().compose()

    def on_mount(self) -> None:
        """Type before the prompt takes the keys, and after it; Textual mounts the chat itself next."""
        self.type(13)
        self.call_next(self.type, 13)
        self.call_after_refresh(self.type, 13)


async def test_letters_typed_at_any_step_of_the_start_stand_in_the_prompt_in_their_order(tmp_path: Path):
    app = Hasty(chat_options(ScriptedModel(), tmp_path), PALETTE)
    async with app.run_test():
        await until(lambda: len(app.prompt.text) == 52)
        assert app.prompt.text == string.ascii_letters


async def test_what_is_sent_before_the_engine_is_there_goes_out_in_order_and_is_remembered(tmp_path: Path):
    gate = Gate()
    options = chat_options(ScriptedModel("First.", "Second."), tmp_path)
    app = ChatApp(options, PALETTE, begin=gate.begin)
    async with app.run_test() as pilot:
        await type_text(pilot, "one")
        await type_text(pilot, "two")
        await pilot.press("d", "f12", "f12", "alt+up")
        assert app.begun is None
        gate.open.set()
        await until(
            lambda: texts(app.conversation) == ["one", "First.", "two", "Second."] if app.begun else False
        )
        assert app.prompt.text == "d"
        session = app.conversation.door.session.id
        await until(lambda: not app.conversation.running)
        assert await app.conversation.door.tables.history() == ("one", "two")
    async with (again := ChatApp(chat_options(ScriptedModel(), tmp_path, session), PALETTE)).run_test():
        await until(again.opened.is_set)
        await until(lambda: again.prompt.text == "d")


async def test_the_chat_can_be_left_before_the_engine_is_there(tmp_path: Path):
    app = ChatApp(chat_options(ScriptedModel(), tmp_path), PALETTE, begin=Gate().begin)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+c", "ctrl+c")
    assert app.return_code == 0
    assert app.begun is None


class Late(Gate):
    """Begins the conversation only when it is asked for again, as where the chat is left meanwhile."""

    async def begin(self, options: ChatOptions, changed: Callable[[], None]) -> Conversation:
        """Wait the first time."""
        first, self.begin = super().begin, begin_conversation
        return await first(options, changed)


@pytest.mark.parametrize("keys", [("ctrl+c", "ctrl+c"), ("ctrl+d",), ("ctrl+q",)])
async def test_what_is_sent_before_the_engine_is_there_is_stored_when_the_chat_is_left_at_once(
    tmp_path: Path, keys: tuple[str, ...]
):
    gate = Late()
    app = ChatApp(
        chat_options(endless(), tmp_path),
        PALETTE,
        begin=lambda options, changed: gate.begin(options, changed),
    )
    async with app.run_test() as pilot:
        await type_text(pilot, "one")
        await type_text(pilot, "/rename Bees")
        await type_text(pilot, "two")
        await pilot.press(*keys)
    assert app.return_code == 0
    assert app.begun is not None
    async with conversing(endless(), tmp_path) as conversation:
        (stored,) = await conversation.door.stored()
        assert stored.session_id in app.begun.resume_hint
        await conversation.open(stored.session_id, ())
        assert texts(conversation)[:1] == ["one"]
        assert conversation.backlog.texts == ("two",)
        assert await conversation.door.tables.history() == ("one", "/rename Bees", "two")


async def test_a_draft_that_no_session_keeps_is_in_the_history_afterwards(tmp_path: Path):
    gate = Late()
    app = ChatApp(
        chat_options(endless(), tmp_path),
        PALETTE,
        begin=lambda options, changed: gate.begin(options, changed),
    )
    async with app.run_test() as pilot:
        await pilot.press(*"early", "ctrl+q")
    async with on_screen(endless(), tmp_path) as (again, pilot):
        await until(lambda: again.prompt.history.entries)
        await pilot.press("up")
        assert again.prompt.text == "early"
        await pilot.press(*"er", "ctrl+q")
    async with conversing(endless(), tmp_path) as conversation:
        assert await conversation.door.tables.history() == ("early", "earlyer")
        assert await conversation.door.stored() == ()


async def test_an_engine_that_cannot_be_made_ends_the_chat(tmp_path: Path):
    async def begin(options: ChatOptions, changed: Callable[[], None]) -> Conversation:
        raise ValidationError("It cannot be made.")

    app = ChatApp(chat_options(ScriptedModel(), tmp_path), PALETTE, begin=begin)
    with pytest.raises(Exception, match="It cannot be made"):
        async with app.run_test():
            await until(lambda: app.begun)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let no session be opened for writing as long as there is something in the list."""
    full, acquire = list[bool](), SqliteStore.acquire

    async def acquire_or_fail(store: SqliteStore, session_id: str) -> None:
        if full:
            raise StoreFullError("There is no space left", hint="Free some space.")
        await acquire(store, session_id)

    monkeypatch.setattr(SqliteStore, "acquire", acquire_or_fail)
    return full


async def test_a_session_that_cannot_be_written_is_shown_and_opens_as_soon_as_it_can(
    tmp_path: Path, full_disk: list[bool]
):
    async with conversing(ScriptedModel("Hello."), tmp_path) as conversation:
        conversation.send("Hi")
        await until(lambda: not conversation.running)
        session = conversation.door.session.id
    full_disk.append(True)
    async with on_screen(ScriptedModel("Again."), tmp_path, session) as (app, pilot):
        shown = str([item.block for item in app.conversation.transcript.items])
        assert texts(app.conversation) == ["Hi", "Hello."]
        assert "no space left" in shown
        assert "sending a message tries again" in shown
        await type_text(pilot, "/queue")
        await until(lambda: "Nothing is queued" in str([i.block for i in app.conversation.transcript.items]))
        await type_text(pilot, "And?")
        await until(lambda: app.prompt.text == "And?")
        await until(app.opened.is_set)
        assert texts(app.conversation) == ["Hi", "Hello."]
        full_disk.clear()
        await pilot.press("enter")
        await until(
            lambda: not app.conversation.door.read_only and app.unopened is None and app.opened.is_set()
        )
        assert app.prompt.text == "And?"
        await pilot.press("enter")
        await until(lambda: texts(app.conversation)[2:] == ["And?", "Again."])


async def test_where_no_session_can_be_opened_what_was_sent_is_in_the_prompt_again_and_quit_works(
    tmp_path: Path, full_disk: list[bool]
):
    full_disk.append(True)
    gate = Gate()
    app = ChatApp(chat_options(ScriptedModel(), tmp_path), PALETTE, begin=gate.begin)
    async with app.run_test() as pilot:
        await type_text(pilot, "one")
        await type_text(pilot, "two")
        gate.open.set()
        await until(lambda: app.prompt.text == "one\ntwo")
        assert "tries again" in str([item.block for item in app.conversation.transcript.items])
        app.prompt.set_text("")
        await type_text(pilot, "/quit")
        await until(lambda: app.return_code == 0)

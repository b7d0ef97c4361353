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

from agentick_core.errors import ValidationError
from agentick_core.testing import ScriptedModel
from agentick_tui import app as app_module
from agentick_tui.app import ChatApp
from agentick_tui.conversation import Conversation
from agentick_tui.engine.options import ChatOptions
from agentick_tui.later import begin_conversation
from tests.tui.chatting import PALETTE, chat_options, type_text, until
from tests.tui.test_conversation import texts

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
        await pilot.press("x", "ctrl+c", "ctrl+c", "ctrl+c")
    assert app.return_code == 0
    assert app.begun is None


async def test_an_engine_that_cannot_be_made_ends_the_chat(tmp_path: Path):
    async def begin(options: ChatOptions, changed: Callable[[], None]) -> Conversation:
        raise ValidationError("It cannot be made.")

    app = ChatApp(chat_options(ScriptedModel(), tmp_path), PALETTE, begin=begin)
    with pytest.raises(Exception, match="It cannot be made"):
        async with app.run_test():
            await until(lambda: app.begun)

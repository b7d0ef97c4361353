"""The block cursor's keys in the whole application: the prompt keeps the focus, and gets what is typed."""

from pathlib import Path

from textual.pilot import Pilot

from agentick_tui.app import ChatApp
from agentick_tui.keymap import ScreenState
from agentick_tui.theme import load_theme
from agentick_tui.transcript.blocks import AnswerBlock, NoticeBlock, ReasoningBlock
from tests.screenshots.scenes import say, until
from tests.screenshots.stage import make_stage

# Read here: the tests watch that nothing blocks their event loop.
DARK = load_theme("agentick-dark")
WIDGETS = 150


async def spoken(app: ChatApp, pilot: Pilot[int]) -> None:
    """Have an answer with reasoning on the screen."""
    await until(pilot, app.opened.is_set)
    await say(app, pilot, "think")
    await until(pilot, lambda: app.status.status.state is ScreenState.IDLE)


async def test_alt_up_walks_over_the_blocks_and_esc_comes_back(tmp_path: Path) -> None:
    app = make_stage(DARK, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await spoken(app, pilot)
        await pilot.press("alt+up")
        assert app.view.cursor is not None
        assert isinstance(app.view.cursor.block, AnswerBlock)
        assert app.status.status.state is ScreenState.WHOLE_BLOCK
        assert app.focused is app.prompt.editor
        await pilot.press("escape")
        assert app.view.cursor is None
        assert app.status.status.state is ScreenState.IDLE


async def test_enter_opens_the_block_and_ctrl_c_copies_its_source(tmp_path: Path) -> None:
    app = make_stage(DARK, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await spoken(app, pilot)
        await pilot.press("alt+up", "alt+up")
        item = app.view.cursor
        assert item is not None
        assert isinstance(item.block, ReasoningBlock)
        assert item.folded
        await pilot.press("enter")
        assert not item.folded
        await pilot.press("ctrl+c")
        assert app.clipboard == item.block.text.text.strip("\n")
        assert "clipboard" in app.status.status.notice
        await pilot.press("enter")
        assert item.folded


async def test_what_is_typed_goes_to_the_prompt(tmp_path: Path) -> None:
    app = make_stage(DARK, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await spoken(app, pilot)
        await pilot.press("alt+up", "h", "i")
        assert app.prompt.text == "hi"
        assert app.view.cursor is None
        await pilot.press("alt+up", "backspace")
        assert app.prompt.text == "h"
        assert app.view.cursor is None


async def test_five_thousand_messages_need_no_more_widgets_than_none(tmp_path: Path) -> None:
    app = make_stage(DARK, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, app.opened.is_set)
        await pilot.press("f12")
        empty = len(list(app.screen.walk_children()))
        for number in range(5000):
            app.conversation.transcript.add(NoticeBlock(f"message {number}"))
        app.view.changed()
        await pilot.press("slash")
        await until(pilot, lambda: app.prompt.is_completing)
        assert len(list(app.screen.walk_children())) == empty
        assert empty <= WIDGETS

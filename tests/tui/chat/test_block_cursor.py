"""The block cursor: it moves over the blocks, stays in view, and marks its block."""

from agentick_tui.transcript.blocks import NoticeBlock, ReasoningBlock, UserBlock
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript
from tests.tui.chat.test_document import conversation
from tests.tui.chat.test_view import Screen


def marked(app: Screen) -> list[str]:
    """Give the lines that the cursor stands before."""
    return [line.rstrip("▐ ") for line in app.shown if line.startswith("▌")]


async def test_it_begins_at_the_last_block_and_goes_back_to_the_prompt_below_it() -> None:
    transcript = Transcript()
    transcript.add(UserBlock(FlowText("hello")))
    transcript.add(NoticeBlock("done"))
    app = Screen(transcript)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.move_cursor(1)
        assert app.view.cursor is None
        app.view.move_cursor(-1)
        await pilot.pause()
        assert marked(app) == ["▌· done"]
        for _ in range(3):
            app.view.move_cursor(-1)
        await pilot.pause()
        assert marked(app) == ["▌› hello"]
        app.view.move_cursor(1)
        app.view.move_cursor(1)
        await pilot.pause()
        assert app.view.cursor is None
        assert not marked(app)
        assert app.view.following


async def test_the_block_comes_into_view_and_new_ones_do_not_move_it() -> None:
    app = Screen(conversation(20))
    async with app.run_test(size=(60, 12)) as pilot:
        for _ in range(10):
            app.view.move_cursor(-1)
            await pilot.pause()
            assert marked(app)
        before = app.shown
        assert not app.view.following
        app.view.transcript.add(NoticeBlock("new"))
        app.view.changed()
        await pilot.pause()
        assert [line.rstrip("▐ ") for line in app.shown] == [line.rstrip("▐ ") for line in before]
        app.view.leave_cursor()
        app.view.jump_to_end()
        await pilot.pause()
        assert app.shown[-1] == " · new"
        assert not marked(app)


async def test_every_row_of_the_block_is_marked_also_when_it_is_opened() -> None:
    transcript = Transcript()
    item = transcript.add(ReasoningBlock(FlowText("one\ntwo")))
    app = Screen(transcript)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.move_cursor(-1)
        app.view.toggle(item)
        await pilot.pause()
        assert marked(app) == ["▌▾ thought", "▌  one", "▌  two"]


async def test_a_block_that_is_taken_out_takes_the_cursor_with_it() -> None:
    transcript = Transcript()
    item = transcript.add(NoticeBlock("here"))
    app = Screen(transcript)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.move_cursor(-1)
        transcript.remove([item])
        app.view.changed()
        await pilot.pause()
        assert app.view.cursor is None

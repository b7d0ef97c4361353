"""The transcript on the screen: following, scrolling, folding, selecting."""

from typing import Any

import pytest
from rich.color import Color
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Offset, Region
from textual.selection import Selection
from textual.strip import Strip

from agentick_core.events.model import ContentDelta, ContentEnd
from agentick_tui.chat.painting import line_key
from agentick_tui.chat.view import TranscriptView
from agentick_tui.theme import Palette
from agentick_tui.transcript.blocks import NoticeBlock, ToolBlock, ToolState
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript
from tests.tui.chat.demo import PALETTES, story
from tests.tui.chat.test_document import conversation


class Screen(App[None]):
    """A transcript and nothing else; remembers what the view says."""

    def __init__(self, transcript: Transcript, palette: Palette | None = None) -> None:
        super().__init__()
        self.view = TranscriptView(transcript, palette)
        self.said: list[tuple[int, bool]] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_transcript_view_new_below(self, message: TranscriptView.NewBelow) -> None:
        self.said.append((message.count, message.at_end))

    @property
    def strips(self) -> list[Strip]:
        """What the terminal gets."""
        compositor: Any = getattr(self.screen, "_compositor")  # noqa: B009  # the one place that knows its name
        return compositor.render_strips()

    @property
    def shown(self) -> list[str]:
        return ["".join([segment.text for segment in strip]).rstrip() for strip in self.strips]


def say(app: Screen, text: str) -> None:
    transcript = app.view.transcript
    assert isinstance(transcript, Transcript)
    transcript.apply(ContentDelta(delta=text))
    app.view.changed()


async def test_it_stays_at_the_end_while_an_answer_grows() -> None:
    app = Screen(Transcript())
    async with app.run_test(size=(40, 10)) as pilot:
        for number in range(40):
            say(app, f"line {number}\n\n")
            await pilot.pause()
        assert app.shown[-1] == "   line 39"
        assert app.view.following


@pytest.mark.parametrize("size", [(40, 10), (120, 40)])
async def test_the_end_of_a_very_long_answer_is_shown_however_little_of_it_was_laid_out(
    size: tuple[int, int],
) -> None:
    parts = [
        f"Part {number}: " + "words that take several rows at this width " * (number % 9 + 1)
        if number % 3
        else "```python\n" + f"x = {number}\n" * (number % 7 + 1) + "```"
        for number in range(1_500)
    ]
    app = Screen(Transcript())
    async with app.run_test(size=size) as pilot:
        say(app, "\n\n".join([*parts, "- one\n- two", "and this is the end"]))
        await pilot.pause()
        assert app.shown[-1].strip() == "and this is the end"


async def test_a_reader_who_scrolled_up_is_not_moved_and_is_told_what_is_new() -> None:
    app = Screen(conversation(30))
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.scroll_relative(y=-20)
        await pilot.pause()
        before = [line.rstrip("▐ ") for line in app.shown]
        assert not app.view.following
        for number in range(5):
            app.view.transcript.add(NoticeBlock(f"new {number}"))
            app.view.changed()
            await pilot.pause()
        assert [line.rstrip("▐ ") for line in app.shown] == before
        assert app.said[-1] == (5, False)
        app.view.jump_to_end()
        await pilot.pause()
        assert app.shown[-1] == " · new 4"
        assert app.said[-1] == (0, True)


async def test_the_wheel_scrolls_without_the_focus() -> None:
    app = Screen(conversation(30))
    async with app.run_test(size=(60, 12)) as pilot:
        before = app.shown
        mouse: dict[str, Any] = {
            "delta_x": 0,
            "delta_y": 0,
            "button": 0,
            "shift": False,
            "meta": False,
            "ctrl": False,
        }
        app.view.post_message(MouseScrollUp(app.view, 5, 5, **mouse))
        await pilot.pause()
        assert app.shown != before
        assert app.focused is None
        assert any(line.endswith("▐") for line in app.shown)
        for _ in range(3):
            app.view.post_message(MouseScrollDown(app.view, 5, 5, **mouse))
        await pilot.pause()
        assert app.shown == before


async def test_scrolling_down_to_the_end_follows_again() -> None:
    app = Screen(conversation(30))
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.scroll_page_up()
        app.view.scroll_page_up()
        assert not app.view.following
        app.view.scroll_end()
        await pilot.pause()
        assert app.view.following
        app.view.scroll_home()
        await pilot.pause()
        assert app.shown[0].startswith(" › question 0")


async def test_the_place_is_kept_when_the_screen_changes_its_width() -> None:
    app = Screen(conversation(60))
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.scroll_relative(y=-60)
        await pilot.pause()
        before = app.shown[0].rstrip("▐ ")
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert app.shown[0].rstrip("▐ ") == before


@pytest.mark.parametrize("height", [20, 200])
async def test_a_reader_whom_the_end_meets_on_a_larger_screen_is_not_carried_off(height: int) -> None:
    app = Screen(conversation(20))
    async with app.run_test(size=(60, 8)) as pilot:
        app.view.scroll_page_up()
        await pilot.pause()
        assert not app.view.following
        assert app.said[-1] == (0, False)
        await pilot.resize_terminal(60, height)
        await pilot.pause()
        assert app.said[-1] == (0, True)
        before = app.shown[0].rstrip("▐ ")
        for number in range(300):
            app.view.transcript.add(NoticeBlock(f"new {number}"))
            app.view.changed()
        await pilot.pause()
        assert app.shown[0].rstrip("▐ ") == before
        assert app.said[-1][1] is False
        app.view.scroll_end()
        await pilot.pause()
        assert app.view.following
        assert app.said[-1] == (0, True)


async def test_a_fold_in_a_short_talk_does_not_stop_it_from_following() -> None:
    transcript = Transcript()
    item = transcript.add(ToolBlock("c", "read", "", ToolState.DONE, FlowText("1\n2\n3\n4\n5\n6\n7\n8")))
    app = Screen(transcript)
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.toggle(item)
        await pilot.pause()
        assert app.view.following


async def test_other_colours_keep_the_picture() -> None:
    app = Screen(conversation(10))
    async with app.run_test(size=(60, 20)) as pilot:
        before = app.shown
        app.view.set_palette(PALETTES["light"])
        await pilot.pause()
        assert app.shown == before


async def test_only_the_line_that_changed_is_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen(conversation(2))
    async with app.run_test(size=(60, 30)) as pilot:
        say(app, "hello")
        await pilot.pause()
        painted: list[tuple[Region, ...]] = []
        refresh = app.view.refresh

        def spy(*regions: Region) -> TranscriptView:
            painted.append(regions)
            return refresh(*regions)

        monkeypatch.setattr(app.view, "refresh", spy)
        say(app, " world")
        (regions,) = painted
        (region,) = regions
        assert (region.x, region.width, region.height) == (8, 6, 1)
        await pilot.pause()
        assert "   hello world" in app.shown


async def test_a_click_opens_a_call_and_the_lines_above_stay() -> None:
    transcript = conversation(3)
    output = FlowText("\n".join([f"line {number}" for number in range(30)]))
    transcript.add(ToolBlock("c", "read", "", ToolState.DONE, output))
    app = Screen(transcript)
    async with app.run_test(size=(60, 20)) as pilot:
        row = app.shown.index(" ✓ read · done")
        assert "     … 20 more lines" in app.shown
        await pilot.click(app.view, offset=(3, row))
        await pilot.pause()
        assert app.shown[row].rstrip("▐ ") == " ✓ read · done"
        app.view.jump_to_end()
        await pilot.pause()
        assert app.shown[-1] == "     line 29"


async def test_a_whole_block_is_copied_as_its_source_and_a_part_as_shown() -> None:
    transcript = Transcript()
    transcript.apply(
        ContentDelta(delta="some **bold** words that are wrapped on this narrow screen\n\n- item")
    )
    transcript.apply(ContentEnd(block_type="text", block_index=0))
    transcript.add(NoticeBlock("after"))
    app = Screen(transcript)
    async with app.run_test(size=(24, 12)):
        everything = app.view.get_selection(Selection(None, None))
        assert everything is not None
        assert everything[0] == (
            "some **bold** words that are wrapped on this narrow screen\n\n- item\n\nafter"
        )
        part = app.view.get_selection(Selection(Offset(8, line_key(0, 0)), Offset(22, line_key(0, 1))))
        assert part is not None
        assert part[0] == "bold words that are wrapped on this"


async def test_what_is_dragged_over_is_selected_and_drawn_so() -> None:
    transcript = Transcript()
    transcript.add(NoticeBlock("select some of this"))
    app = Screen(transcript)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.mouse_down(app.view, offset=(3, 0))
        await pilot.hover(app.view, offset=(13, 0))
        await pilot.mouse_up(app.view, offset=(13, 0))
        await pilot.pause()
        assert app.screen.get_selected_text() == "select some"
        (strip, *_) = app.strips
        selected = Color.parse(Palette(name="any").selection).triplet
        marked = [
            segment.text
            for segment in strip
            if segment.style and segment.style.bgcolor and segment.style.bgcolor.triplet == selected
        ]
        assert marked == ["select some"]


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 12), (300, 50)])
async def test_everything_can_be_drawn_in_every_size_and_theme(palette: str, size: tuple[int, int]) -> None:
    transcript = Transcript()
    app = Screen(transcript, PALETTES[palette])
    async with app.run_test(size=size) as pilot:
        for event in story():
            transcript.apply(event)
            app.view.changed()
        await pilot.pause()
        assert app.shown[-1].startswith(" ▌ ")
        assert all(len(line) <= size[0] for line in app.shown)


async def test_five_thousand_messages_open_at_their_end() -> None:
    app = Screen(Transcript())
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show(conversation(2500))
        await pilot.pause()
        assert app.shown[-1] == "   end 2499"
        app.view.scroll_to(y=app.view.virtual_size.height // 2)
        await pilot.pause()
        assert any("question 12" in line for line in app.shown)

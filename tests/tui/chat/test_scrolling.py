"""The terminal moves lines by itself: whatever is done, it shows what a terminal shows that is drawn anew."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, cast

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Static

from agentick_core.events.model import ContentDelta
from agentick_tui.chat.painting import Line
from agentick_tui.chat.rows import Row
from agentick_tui.chat.scrolling import distance
from agentick_tui.chat.view import TranscriptView
from agentick_tui.chat_screen import ChatScreen
from agentick_tui.terminal_output import TerminalWriter
from agentick_tui.transcript.blocks import NoticeBlock
from agentick_tui.transcript.transcript import Transcript
from tests.tui.chat.demo import PALETTES as NAMED
from tests.tui.chat.test_document import conversation

PALETTES = [*NAMED.values()]
SIZE = (44, 16)


class Emulator(TerminalWriter):
    """A terminal that takes everything at once."""

    def __init__(self) -> None:
        with open(os.devnull, "w") as file:
            super().__init__(lambda: None, lambda: None, file)
        self.screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self.screen)
        self.moved = 0

    def start(self) -> None:
        """Run no thread."""

    def _write(self, epoch: int, text: str) -> None:
        self.moved += "\x1b[r" in text
        self._stream.feed(text)

    def write(self, text: str) -> None:
        """Draw it."""
        super().write(text)
        item = self._waiting.get_nowait()
        assert item is not None
        self._write(*item)
        self._done += len(item[1])


class EmulatedDriver(HeadlessDriver):
    """Draws on the emulator."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._writer_thread = Emulator()

    @property
    def is_headless(self) -> bool:
        """Be drawn on."""
        return False

    def write(self, data: str) -> None:
        """Write as the terminal's driver does."""
        self._writer_thread.write(data)


class Chat(App[None]):
    """A transcript between two lines that do not move, and a panel beside it that can be opened."""

    CSS = """
    #beside { dock: right; width: 12; height: 100%; display: none; }
    #over { dock: bottom; layer: above; height: 2; width: 20; display: none; }
    Screen { layers: default above; }
    """

    def __init__(self) -> None:
        super().__init__(driver_class=EmulatedDriver)
        self.view = TranscriptView(conversation(6), PALETTES[0])

    def get_default_screen(self) -> ChatScreen:
        """Draw as the chat does."""
        return ChatScreen()

    def compose(self) -> ComposeResult:
        yield Static("above")
        yield self.view
        yield Static("below", id="below")
        yield Static("beside\n" * 20, id="beside")
        yield Static("over", id="over")

    @property
    def emulator(self) -> Emulator:
        """The terminal."""
        return cast("Any", self._driver)._writer_thread  # the one place that knows its name

    def drawn_anew(self) -> pyte.Screen:
        """Give what a terminal shows on which everything is drawn."""
        screen = pyte.Screen(self.size.width, self.size.height)
        compositor = cast("Any", self.screen)._compositor
        pyte.Stream(screen).feed(compositor.render_full_update().render_segments(self.console))
        return screen


def cells(screen: pyte.Screen) -> list[list[Any]]:
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def say(chat: Chat, number: int) -> None:
    transcript = chat.view.transcript
    assert isinstance(transcript, Transcript)
    transcript.apply(ContentDelta(delta=f"word {number} " * (number % 7) + "\n\n" * (number % 2)))
    chat.view.changed()


def note(chat: Chat, number: int) -> None:
    chat.view.transcript.add(NoticeBlock(f"notice {number}"))
    chat.view.changed()


def scroll(chat: Chat, number: int) -> None:
    chat.view.scroll_relative(y=number - 10)


def fold(chat: Chat, number: int) -> None:
    items = chat.view.transcript.items
    chat.view.toggle(items[number % len(items)])


def point(chat: Chat, number: int) -> None:
    if number % 3:
        chat.view.move_cursor(-1 if number % 2 else 1)
    else:
        chat.view.leave_cursor()


def follow(chat: Chat, number: int) -> None:
    chat.view.jump_to_end()


def recolour(chat: Chat, number: int) -> None:
    chat.view.set_palette(PALETTES[number % len(PALETTES)])


def select(chat: Chat, number: int) -> None:
    if number % 2:
        chat.view.text_select_all()
    else:
        chat.screen.clear_selection()


def open_panel(chat: Chat, number: int) -> None:
    panel = chat.query_one("#beside" if number % 2 else "#over")
    panel.display = not panel.display


def grow_below(chat: Chat, number: int) -> None:
    chat.query_one("#below", Static).update("below\n" * (number % 5))


STEPS: tuple[Callable[[Chat, int], None], ...] = (
    say, note, scroll, fold, point, follow, recolour, select, open_panel, grow_below,
)  # fmt: skip


async def play(steps: list[tuple[Callable[[Chat, int], None], int, bool]]) -> int:
    """Do the steps, some of them without a drawing between; give how often the terminal moved lines."""
    chat = Chat()
    async with asyncio.timeout(60):
        running = asyncio.create_task(chat.run_async(size=SIZE))
        while not chat.view.size.width:
            await asyncio.sleep(0.005)
        for step, number, drawn in steps:
            step(chat, number)
            if drawn:
                await settled(chat)
                assert cells(chat.emulator.screen) == cells(chat.drawn_anew()), step
        await settled(chat)
        assert cells(chat.emulator.screen) == cells(chat.drawn_anew())
        moved = chat.emulator.moved
        chat.exit()
        await running
    return moved


async def settled(chat: Chat) -> None:
    """Wait until nothing is left to be drawn."""
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.003)
        screen = cast("Any", chat.screen)
        waits = screen._dirty_widgets or screen._layout_required or screen._repaint_required
        waits = waits or screen._compositor._dirty_regions or cast("Any", chat.view)._repaint_regions
        quiet = 0 if waits else quiet + 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20), st.booleans()), max_size=25))
def test_whatever_is_done_the_terminal_shows_what_one_drawn_anew_would(
    steps: list[tuple[Callable[[Chat, int], None], int, bool]],
) -> None:
    asyncio.run(play(steps))


async def test_lines_of_an_answer_that_grows_are_moved_and_not_sent_again() -> None:
    assert await play([(say, number % 21, True) for number in range(40)]) > 10


@pytest.mark.parametrize("beside", [1, 2], ids=["beside it", "over it"])
async def test_nothing_moves_while_the_lines_are_not_the_transcripts_alone(beside: int) -> None:
    steps = [(open_panel, beside, True), *((say, number % 21, True) for number in range(20))]
    assert await play(steps) == 0


def lines(text: str) -> list[Line]:
    return [Line(0, Row((Segment(each),) if each != " " else ())) for each in text]


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ("abcde", "bcdef", 1),
        ("bcdef", "abcde", -1),
        ("abcdef", "defghi", 3),
        ("abcdef", "efghij", 0),
        ("abcde", "abcdx", 0),
        ("ababababab", "babababab ", 1),
        ("a b c d e", " b c d e ", 1),
        ("     ", "     ", 0),
        ("ab", "abc", 0),
    ],
)
def test_how_far_lines_have_moved_is_seen_by_what_stands_in_them(before: str, after: str, rows: int) -> None:
    assert distance(lines(before), lines(after)) == rows

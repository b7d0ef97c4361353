"""What every block but the answer looks like, as plain text."""

import pytest

from agentick_tui.chat.cards import GLYPHS, seconds_text
from agentick_tui.transcript.blocks import (
    AgentBlock,
    CommandBlock,
    ErrorBlock,
    InterruptedBlock,
    NoticeBlock,
    OtherBlock,
    ReasoningBlock,
    ToolBlock,
    ToolState,
    UserBlock,
)
from agentick_tui.transcript.flow_text import FlowText
from tests.tui.chat.pictures import picture

OUTPUT = FlowText("\n".join([f"line {number}" for number in range(14)]))


def test_a_users_message_stands_behind_its_mark() -> None:
    block = UserBlock(FlowText("count the bees in the garden\nplease"), ("image · bee.png",))
    assert picture(block, 26) == " › count the bees in the\n   garden\n   please\n   ▢ image · bee.png"


def test_reasoning_is_one_line_until_it_is_opened() -> None:
    block = ReasoningBlock(FlowText("I should look\nit up before I answer"), seconds=3.2)
    assert picture(block, 40) == " ▸ thought for 3.2 s · I should look i…"
    assert (
        picture(block, 40, folded=False) == " ▾ thought for 3.2 s\n   I should look\n   it up before I answer"
    )


def test_a_call_shows_ten_lines_and_counts_the_others() -> None:
    block = ToolBlock("c", "read", "hive.txt", ToolState.DONE, OUTPUT, 0.42)
    folded = picture(block, 40).split("\n")
    assert folded[0] == " ✓ read  hive.txt · done · 420 ms"
    assert folded[1:3] == ["     line 0", "     line 1"]
    assert folded[11:] == ["     … 4 more lines"]
    assert picture(block, 40, folded=False).split("\n")[-1] == "     line 13"


@pytest.mark.parametrize("state", ToolState)
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_every_state_is_a_word_and_a_glyph_at_every_width(state: ToolState, width: int) -> None:
    drawn = picture(ToolBlock("c", "a_tool_with_a_long_name", "x" * 300, state, seconds=71), width)
    assert drawn.startswith(f" {GLYPHS[state]}")
    assert state.value[: width - 10] in drawn
    assert "\n" not in drawn
    assert len(drawn) <= width


def test_glyphs_differ_from_state_to_state() -> None:
    assert len(set(GLYPHS.values())) == len(ToolState)


def test_a_command_shows_its_result_and_a_state_only_when_there_is_more_to_say() -> None:
    done = CommandBlock("c", "help", "new", ToolState.DONE, FlowText("starts anew"))
    assert picture(done, 40) == " › /help  new\n     starts anew"
    failed = CommandBlock("c", "open", "", ToolState.FAILED, FlowText("no such file"))
    assert picture(failed, 40) == " ✗ /open · failed\n     no such file"


def test_nothing_of_a_commands_result_is_cut_off_by_a_narrow_screen() -> None:
    block = CommandBlock("c", "copy", "", ToolState.DONE, FlowText("handed 9 characters to it\n\n  and more"))
    assert picture(block, 20) == " › /copy\n     handed 9\n     characters to\n     it\n\n       and more"


def test_a_finished_agent_says_what_it_took() -> None:
    block = AgentBlock("s", "Scout", ToolState.DONE, 2, 1234, FlowText("all well"), 72)
    assert picture(block, 80, folded=True) == " ✓ ▸ Scout · done · 1 min 12 s · 2 tools · 1,234 tokens"
    assert picture(block, 34, folded=True) == " ✓ ▸ Scout · done · 1 min 12 s"


def test_a_failed_agent_says_why() -> None:
    block = AgentBlock("s", "Scout", ToolState.FAILED, output=FlowText("the hive is closed"))
    assert picture(block, 80, folded=True) == " ✗ ▸ Scout  the hive is closed · failed"


def test_an_error_says_what_why_and_what_to_do() -> None:
    block = ErrorBlock("No connection", "refused by 127.0.0.1 port 9", "Check the address.")
    assert picture(block, 30) == (
        " ▌ ✗ No connection\n ▌   refused by 127.0.0.1\n ▌   port 9\n ▌ → Check the address."
    )


def test_small_things_take_one_line() -> None:
    assert picture(NoticeBlock("saved"), 40) == " · saved"
    assert picture(NoticeBlock("slow", "warning"), 40) == " ! slow"
    assert picture(InterruptedBlock("by you"), 40) == " ■ interrupted · by you"
    assert (
        picture(OtherBlock("video · a very long label that does not fit"), 30)
        == " ▢ video · a very long label…"
    )


def test_an_output_without_end_costs_ten_lines() -> None:
    block = ToolBlock("c", "cat", "", ToolState.DONE, FlowText("x" * 1_000_000 + "\nmore\x1b[31m\r\n" * 20))
    lines = picture(block, 40).split("\n")
    assert len(lines) == 12
    assert lines[1].endswith("…")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0042, "4 ms"),
        (0.9999, "1.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (42.4, "42 s"),
        (72, "1 min 12 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_durations_are_written_as_they_are_read(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text

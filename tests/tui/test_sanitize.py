"""What untrusted text looks like behind the filter."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_tui.sanitize import LINE_LIMIT, FlowFilter, StreamFilter, flow, shown

HOSTILE = (
    "\x1b[31m", "\x1b[", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1bPq#0\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b^pm\x1b\\",
    "\x1bXsos\x9c", "\x9b2J", "\x9d0;t\x9c", "\x90dcs\x9c", "\x1b", "\x1bc", "\x1b(B", "\x1b#8", "\r", "\r\n", "\n", "\t",
    "\x00", "\x07", "\x08", "\x7f", "\x85", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\ud800", "\U000e0041",
    "é", "漢字", "👩‍👩‍👧", "a", "word ", "0;1", "x" * 40,
)  # fmt: skip
hostile_text = st.lists(st.sampled_from(HOSTILE), max_size=30).map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {len(text)})
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain text, é 漢字 👍🏽", "plain text, é 漢字 👍🏽"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;owned\x07after", "after"),
        ("\x1b]52;c;aGk=\x1b\\after", "after"),
        ("\x1bP1;2q#0~~\x1b\\after", "after"),
        ("\x1b_Gf=100;AAAA\x1b\\after", "after"),
        ("\x1b^secret\x9cafter", "after"),
        ("\x1b]never closed\nnext line", "\nnext line"),
        ("lone \x1b", "lone "),
        ("reset \x1bc done", "reset  done"),
        ("10%\r55%\r100%\nok", "100%\nok"),
        ("long line\rlo", "long line"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("a\tb", "a       b"),
        ("evil\u202etxt.exe", "evil\ufffdtxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("tag\U000e0041ged", "tagged"),
        ("family 👩‍👩‍👧", "family 👩‍👩‍👧"),
        ("bell\x07 back\x08 del\x7f", "bell back del"),
    ],
)
def test_flow_text_keeps_what_is_read_and_loses_what_acts(raw: str, clean: str) -> None:
    assert flow(raw) == clean


def test_shown_text_gives_every_control_away() -> None:
    assert shown("rm \x1b[2J -rf\n\t\x7f\x9b\u202e\u00a0\u200b/") == (
        "rm ␛[2J -rf␊␉␡<U+009B><U+202E><U+00A0><U+200B>/"
    )
    assert shown("echo 'héllo 漢字'") == "echo 'héllo 漢字'"


@given(hostile_text)
@settings(deadline=None, max_examples=150)
def test_no_control_survives_the_filter(text: str) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", flow(text))
    assert "\n" not in shown(text)
    assert not re.search("[\x00-\x1f\x7f-\xa0\u200b-\u200f\u202a-\u202e\ud800-\udfff]", shown(text))


@given(hostile_text, st.lists(st.integers(0, 400), max_size=8))
@settings(deadline=None, max_examples=200)
def test_the_flow_filter_gives_the_same_however_the_text_is_cut(text: str, places: list[int]) -> None:
    whole, pieces, chars = FlowFilter(), FlowFilter(), FlowFilter()
    expected = whole.feed(text) + whole.finish()
    assert "".join([pieces.feed(piece) for piece in cut(text, places)]) + pieces.finish() == expected
    assert "".join([chars.feed(char) for char in text]) + chars.finish() == expected
    assert expected.expandtabs(8) == flow(text)


@given(hostile_text, st.lists(st.integers(0, 400), max_size=8))
@settings(deadline=None, max_examples=100)
def test_the_stream_filter_gives_the_same_however_the_text_is_cut(text: str, places: list[int]) -> None:
    whole, pieces = StreamFilter(), StreamFilter()
    assert "".join([pieces.feed(piece) for piece in cut(text, places)]) == whole.feed(text)


def test_a_line_without_end_settles_and_a_return_then_ends_it() -> None:
    line = "x" * (LINE_LIMIT + 10)
    cleaner = FlowFilter()
    assert cleaner.feed(line) == "x" * LINE_LIMIT
    assert cleaner.tail == "x" * 10
    assert cleaner.feed("\rnew") == "x" * 10 + "\n"
    assert cleaner.finish() == "new"


def test_a_tail_can_still_be_overwritten() -> None:
    cleaner = FlowFilter()
    assert cleaner.feed("first\nprogress 10%") == "first\n"
    assert cleaner.tail == "progress 10%"
    assert cleaner.feed("\rdone") == ""
    assert cleaner.tail == "doneress 10%"

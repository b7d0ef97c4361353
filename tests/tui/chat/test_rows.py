"""How text is wrapped, and what is copied of it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from agentick_tui.chat.rows import Fill, Row, clip, wrap

PLAIN = Style()
TOKENS = ("a", "bcd", " ", "  ", "漢", "字", "é", "e\u0301", "👍", "👩‍👩‍👧", "❤️", "-")
words = st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)


def lines(text: str, width: int) -> list[str]:
    return [row.drawn for row in wrap([(text, PLAIN)], width)]


def cells(row: Row) -> int:
    return sum([segment.cell_length for segment in row.segments])


def test_words_stay_whole_where_they_fit() -> None:
    assert lines("hello world, this is it", 11) == ["hello", "world, this", "is it"]
    assert lines("unbreakable", 4) == ["unbr", "eaka", "ble"]
    assert lines("    indented line", 10) == ["    indent", "ed line"]


def test_wide_characters_take_two_cells_and_may_be_parted() -> None:
    assert lines("漢字かな交じり", 5) == ["漢字", "かな", "交じ", "り"]
    assert lines("a 漢字 b", 4) == ["a 漢", "字 b"]


def test_newlines_and_tabs_are_kept() -> None:
    assert lines("a\n\n\tb", 20) == ["a", "", "        b"]


@given(words, st.integers(2, 30))
@settings(deadline=None, max_examples=200)
def test_no_row_is_wider_than_the_place_and_no_character_is_lost(text: str, width: int) -> None:
    rows = wrap([(text, PLAIN)], width)
    assert all(cells(row) <= width for row in rows)
    assert "".join([row.drawn for row in rows]).replace(" ", "") == text.replace(" ", "")
    joined = "".join([part for row in rows for part in (row.text, row.joint)])
    assert joined.split() == text.split()


@given(words, st.integers(2, 30))
@settings(deadline=None, max_examples=100)
def test_a_ground_fills_the_row_to_its_width(text: str, width: int) -> None:
    rows = wrap([(text, PLAIN)], width + 4, first=[("› ", PLAIN)], rest=[("  ", PLAIN)], fill=Fill(PLAIN, 1))
    assert {cells(row) for row in rows} == {width + 4}
    assert "›" not in "".join([row.text for row in rows])


@given(words, st.integers(1, 30))
@settings(deadline=None, max_examples=100)
def test_clipped_text_fits_and_says_that_it_is_clipped(text: str, width: int) -> None:
    kept = "".join([piece for piece, _ in clip([(text, PLAIN)], width)])
    assert cell_len(kept) <= width
    assert kept == text or kept.endswith("…")

"""How growing Markdown is cut into parts that never change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_tui.transcript.split import FENCE_LINES, PART_LIMIT, Part, Splitter, split

LINES = (
    "", "", "words in a row", "# Heading", "---", "===", "***", "- item", "* other", "+ third", "1. one", "2. two", "7) seven",
    "  - nested", "    indented", "  more of it", "- [x] task", "> quote", ">", "> - in quote", "```", "```python", "~~~", "~~~~",
    "  ```", "    ```", "| a | b |", "|---|--:|", "| 1 | 2 |", "<div>", "**bold", "`code", "[x]: http://y", "\ttab", "x" * 300,
)  # fmt: skip
markdown = st.lists(st.sampled_from(LINES), max_size=25).map("\n".join)


def sources(text: str) -> list[str]:
    return [part.source for part in split(text)]


@given(markdown, st.lists(st.integers(0, 2000), max_size=10))
@settings(deadline=None, max_examples=200)
def test_the_parts_are_the_same_however_the_text_is_cut(text: str, places: list[int]) -> None:
    ends = sorted({place % (len(text) + 1) for place in places} | {len(text)})
    splitter = Splitter()
    done: list[Part] = []
    for start, end in zip([0, *ends], ends, strict=False):
        done += splitter.feed(text[start:end])
        # What is settled never changes: the whole text begins with it.
        assert split(text)[: len(done)] == done
    assert [*done, *splitter.rest()] == split(text)


@given(markdown)
@settings(deadline=None, max_examples=100)
def test_no_word_is_lost_or_moved(text: str) -> None:
    kept = "".join([(part.language if part.first else "") + part.source for part in split(text)])
    markers = str.maketrans("", "", "`~ \n\t")
    assert kept.translate(markers) == text.translate(markers)


def test_paragraphs_headings_and_rules_are_parts_of_their_own() -> None:
    assert sources("# Title\ntext\nmore\n\nnext\n***\nend") == ["# Title", "text\nmore", "next", "***", "end"]
    assert sources("setext\n---\nnext") == ["setext\n---\nnext"]


def test_each_item_of_a_list_is_a_part_with_its_number() -> None:
    parts = split("1. one\n1. two\n\n   more of two\n1. three\n\nafter")
    assert [(part.number, part.source, part.gap) for part in parts] == [
        (1, "1. one", False),
        (2, "1. two\n\n   more of two", False),
        (3, "1. three", False),
        (None, "after", True),
    ]


def test_a_fence_inside_an_item_keeps_its_blank_lines_and_bullets() -> None:
    assert sources("- run\n  ```\n  a\n\n  - b\n  ```\n- next") == [
        "- run\n  ```\n  a\n\n  - b\n  ```",
        "- next",
    ]


def test_an_open_fence_is_open_until_its_own_marker_closes_it() -> None:
    opened = split("````python x\n```\ncode\n")
    assert [(part.kind, part.language, part.source, part.closed) for part in opened] == [
        ("fence", "python x", "```\ncode", False)
    ]
    assert split("````python x\n```\ncode\n````\nafter")[0].closed


def test_a_long_fence_is_cut_into_pieces_that_read_as_one() -> None:
    code = "\n".join([f"line {number}" for number in range(FENCE_LINES * 2 + 3)])
    parts = split(f"```\n{code}\n```")
    assert [part.first for part in parts] == [True, False, False]
    assert not any(part.gap for part in parts)
    assert "\n".join([part.source for part in parts]) == code


@pytest.mark.parametrize("size", [PART_LIMIT - 1, PART_LIMIT, PART_LIMIT + 1, 5 * PART_LIMIT + 7])
def test_a_line_without_end_is_cut_into_plain_pieces(size: int) -> None:
    parts = split("before\n\n" + "x" * size + "\nafter")
    assert "".join(sources("x" * size)) == "x" * size
    assert max(len(part.source) for part in parts) <= PART_LIMIT + len("\nafter")
    assert parts[0].source == "before"

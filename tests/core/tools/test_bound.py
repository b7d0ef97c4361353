"""Results that are too long for the model."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    CodeBlock,
    ImageBlock,
    JsonBlock,
    TextBlock,
)
from agentick_core.tools.bound import bounded

IMAGE = ImageBlock(Base64Source("eA=="))


async def test_what_fits_stays_as_it_is(tmp_path: Path) -> None:
    blocks: tuple[Block, ...] = (TextBlock("a" * 50), JsonBlock({"a": 1}), IMAGE)
    assert await bounded(blocks, 58, call_id="1", folder=tmp_path) is blocks
    assert list(tmp_path.iterdir()) == []


async def test_head_and_tail_stay_and_the_model_is_told_how_much_is_missing() -> None:
    cut = await bounded((TextBlock("a" * 60 + "b" * 60),), 100, call_id="1", folder=None)
    assert cut == (
        TextBlock("a" * 50), TextBlock("[20 of 120 characters are left out here.]"), TextBlock("b" * 50),
    )  # fmt: skip


async def test_pictures_stay_and_whole_blocks_in_the_middle_go() -> None:
    blocks: tuple[Block, ...] = (
        CodeBlock("a" * 40), IMAGE, TextBlock("b" * 500), IMAGE, JsonBlock(["c" * 100]), IMAGE,
    )  # fmt: skip
    cut = await bounded(blocks, 80, call_id="1", folder=None)
    assert cut[:2] == (blocks[0], IMAGE)
    assert [type(block).__name__ for block in cut] == [
        "CodeBlock", "ImageBlock", "TextBlock", "ImageBlock", "TextBlock", "ImageBlock",
    ]  # fmt: skip
    assert cut[4] == TextBlock("c" * 38 + '"]')


async def test_the_whole_is_kept_where_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "results"
    cut = await bounded((TextBlock("ä\ud800" * 60),), 10, call_id="../../etc/x", folder=folder)
    [kept] = folder.iterdir()
    assert kept.read_text(encoding="utf-8", errors="surrogatepass") == "ä\ud800" * 60
    assert (folder.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    note = cut[1]
    assert isinstance(note, TextBlock)
    assert f"The whole is in {kept}." in note.text


async def test_a_whole_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.touch()
    cut = await bounded((TextBlock("a" * 60),), 10, call_id="1", folder=folder)
    assert isinstance(cut[1], TextBlock)
    assert "The whole could not be kept: " in cut[1].text


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 60))
async def test_never_more_than_the_limit_is_left_and_it_is_the_beginning_and_the_end(
    texts: list[str], limit: int
) -> None:
    cut = await bounded(tuple(map(TextBlock, texts)), limit, call_id="1", folder=None)
    whole = "".join(texts)
    notes = [
        index for index, block in enumerate(cut) if re.match(r"\[\d+ of \d+ char", str(block_text(block)))
    ]
    if len(whole) <= limit:
        assert not notes
        return
    [note] = notes
    head = "".join(map(block_text, cut[:note]))
    tail = "".join(map(block_text, cut[note + 1 :]))
    assert (head, tail) == (whole[: limit // 2], whole[len(whole) - (limit - limit // 2) :])


def block_text(block: Block) -> str:
    assert isinstance(block, TextBlock)
    return block.text


def test_the_limit_is_what_the_pages_say() -> None:
    from agentick_core.tools.options import ToolOptions

    assert ToolOptions().max_result == pytest.approx(50_000)  # pyright: ignore[reportUnknownMemberType]  # pytest leaves it untyped

"""Estimating tokens."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.request import build_request
from agentick_core.compile.tokens import estimate_block, estimate_message, estimate_request, estimate_text
from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
)
from agentick_core.messages.compiled import CompiledSection
from agentick_core.messages.message import UserMessage


@given(st.text())
def test_l7_a_section_costs_a_quarter_of_its_characters_and_eight(text: str) -> None:
    request = build_request(CompiledTree(sections=(CompiledSection(id="s", text=text),)), ())
    assert request.estimated_tokens == (math.ceil(len(text) / 4) + 4 + 4 if text else 0)


@pytest.mark.parametrize(
    ("block", "tokens"),
    [
        (TextBlock("12345"), 6),
        (ImageBlock(UrlSource("x" * 1000)), 85),
        (DocumentBlock(Base64Source("x" * 100_000)), 85),
        (ToolUseBlock("1", "t", {"a": 1}), estimate_text('t{"a": 1}')),
        (ToolResultBlock("1", "t", (TextBlock("1234"), TextBlock("1234"))), 10),
    ],
)
def test_l7_each_kind_of_block_has_its_price(block: Block, tokens: int) -> None:
    assert estimate_block(block) == tokens


def test_another_estimator_is_used_where_there_is_one() -> None:
    request = build_request(CompiledTree(system=("abc",), messages=(UserMessage("abcd"),)), ())
    assert estimate_request(request, len) == 3 + 4 + 4 + 4
    assert estimate_message(UserMessage("abcd"), len) == 8

"""What tools return, as blocks."""

import datetime
import enum
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agentick_core.errors import ToolResultError
from agentick_core.messages.blocks import Base64Source, Block, ImageBlock, JsonBlock, TextBlock
from agentick_core.tools.coerce import coerce

IMAGE = ImageBlock(Base64Source("eA=="))


class Color(enum.Enum):
    RED = "red"


class Model(BaseModel):
    day: datetime.date


@dataclass
class Point:
    x: int
    inner: Any = None


@pytest.mark.parametrize(
    ("value", "blocks"),
    [
        ("text", (TextBlock("text"),)),
        ("", (TextBlock(""),)),
        (None, ()),
        ([], ()),
        (IMAGE, (IMAGE,)),
        ([IMAGE, "text"], (IMAGE, TextBlock("text"))),
        (("a", "b"), (TextBlock("a"), TextBlock("b"))),
        (True, (JsonBlock(True),)),
        (1.5, (JsonBlock(1.5),)),
        (float("nan"), (JsonBlock("nan"),)),
        ({"a": [1, {"b": None}]}, (JsonBlock({"a": [1, {"b": None}]}),)),
        ([1, "a"], (JsonBlock([1, "a"]),)),
        (Point(1, Color.RED), (JsonBlock({"x": 1, "inner": "red"}),)),
        (Model(day=datetime.date(2020, 1, 2)), (JsonBlock({"day": "2020-01-02"}),)),
        ({1: Path("/x"), "m": [Model(day=datetime.date(2020, 1, 2))]},
         (JsonBlock({"1": "/x", "m": [{"day": "2020-01-02"}]}),)),
    ],
)  # fmt: skip
def test_each_kind_of_value_has_its_blocks(value: Any, blocks: tuple[Block, ...]) -> None:
    assert coerce(value) == blocks


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (object(), "object"),
        (b"x", "bytes"),
        (Point, "type"),
        ({"a": [object()]}, "object at a.0"),
        (Point(1, b"x"), "bytes at inner"),
        ([TextBlock("x"), 1], "int in a list of blocks"),
    ],
)
def test_what_is_no_result_is_an_error_that_says_what_and_where(value: Any, told: str) -> None:
    with pytest.raises(ToolResultError, match=rf"(?m)^Unexpected tool result type: {told}$"):
        coerce(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_json_becomes_blocks_that_are_json(value: Any) -> None:
    for block in coerce(value):
        if isinstance(block, JsonBlock):
            assert json.loads(json.dumps(block.data, allow_nan=False)) == block.data


def test_data_that_no_session_could_keep_is_refused_also_in_a_block() -> None:
    assert coerce(JsonBlock({"at": float("inf")})) == (JsonBlock({"at": "inf"}),)
    with pytest.raises(ToolResultError):
        coerce(JsonBlock(object()))
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(ToolResultError):
        coerce(deep)

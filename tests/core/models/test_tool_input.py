"""The input of a tool call and its id: whatever a model writes can be stored and sent."""

import pytest

from agentick_core.models.names import safe_name
from agentick_core.models.tool_input import parse_input, unique_among
from agentick_core.wire.values import plain


@pytest.mark.parametrize(
    "text",
    ['{"a": NaN}', '{"a": 1e999}', '{"a":' + "[" * 900 + "]" * 900 + "}", "[1]", '{"a": ' + "1" * 5000 + "}"],
)
def test_what_is_no_json_object_is_kept_as_text(text: str) -> None:
    assert parse_input(text) == {"raw": text}


def test_half_a_surrogate_pair_becomes_a_mark() -> None:
    assert plain(parse_input('{"\\ud800": "\\udc00"}')) == {"\ufffd": "\ufffd"}


def test_ids_are_told_apart_however_often_one_is_used() -> None:
    unique = unique_among({"call-2"})
    assert [unique("call"), unique("call"), unique("")] == ["call", "call-3", "call-4"]
    assert len({unique("x") for _ in range(20_000)}) == 20_000


def test_names_are_written_so_that_providers_take_them_and_stay_different() -> None:
    names = ["search", "a.b", "a_b", "", "ü", "\ud800", "x" * 65, "x" * 66]
    safe = [safe_name(name) for name in names]
    assert safe[0] == "search"
    assert len(set(safe)) == len(names)
    assert all(name.isascii() and name.replace("-", "_").isidentifier() for name in safe)
    assert max(map(len, safe)) <= 64

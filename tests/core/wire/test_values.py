"""What is JSON, and how times are written."""

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given, settings

from agentick_core.errors import WireError
from agentick_core.wire.values import dumps, iso, loads, plain, seconds_of
from tests.core.wire.strategies import json_values, times


@settings(deadline=None)
@given(times)
@example(5e-324)
@example(0.30000000000000004)
@example(1763676000.1234567)
def test_a_time_is_read_back_exactly(seconds: float) -> None:
    assert seconds_of(iso(seconds)) == seconds


def test_a_time_has_milliseconds() -> None:
    assert iso(1763676000) == "2025-11-20T22:00:00.000Z"
    assert iso(1763676000.5) == "2025-11-20T22:00:00.500Z"


@pytest.mark.parametrize("text", ["2025-11-20T22:00:00Z", "2025-11-20T23:00:00+01:00", 1763676000])
def test_times_written_by_others_are_read(text: object) -> None:
    assert seconds_of(text) == 1763676000


@pytest.mark.parametrize("value", ["soon", None, {}, "2025-13-41T22:00:00.000Z", "2025-11-20T22:00:00.1x2Z"])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        seconds_of(value)


@pytest.mark.parametrize("seconds", [-1.0, 1e300, float("nan"), float("inf")])
def test_a_number_that_is_no_time_is_not_written(seconds: float) -> None:
    with pytest.raises(WireError):
        iso(seconds)


@settings(deadline=None)
@given(json_values)
def test_json_is_copied_as_it_is(value: Any) -> None:
    assert json.loads(dumps(plain(value))) == value


def test_a_copy_shares_nothing_with_what_was_copied() -> None:
    numbers = [1]
    copy = plain({"list": numbers, "map": MappingProxyType({"a": (1, 2)})})
    numbers.append(2)
    assert copy == {"list": [1], "map": {"a": [1, 2]}}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {"b": [1, object()]}}, r"a\.b\[1\]: a value of type object is not JSON"),
        ({"f": print}, "f: a value of type builtin_function_or_method is not JSON"),
        ({"n": float("nan")}, "n: nan has no JSON form"),
        ({"m": {1: 2}}, "m: the key 1 is not a string"),
        ([[b""]], r"\[0\]\[0\]: a value of type bytes is not JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_its_key(value: object, message: str) -> None:
    with pytest.raises(WireError, match=message):
        plain(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(WireError, match="nested too deeply"):
        plain(loop)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="not JSON"):
        loads(text)


def test_json_is_ascii_whatever_the_text_holds() -> None:
    text = "\ud800 \x1b[2J \x9b é 🐝"
    assert dumps(text).isascii()
    assert loads(dumps(text)) == text


def test_what_is_nested_too_deeply_or_has_too_many_digits_is_refused() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    for value in (deep, {"n": 10**5000}):
        with pytest.raises(WireError):
            plain(value)
    assert plain({"n": 10**4000}) == json.loads(dumps({"n": 10**4000}))

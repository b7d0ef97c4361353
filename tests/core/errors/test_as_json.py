"""Errors as JSON: what a reader of events and logs gets of them, and the error that it makes of that."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agentick_core.tools.sandbox
from agentick_core.errors import (
    AbortError,
    AgentickError,
    ComponentError,
    ContextLengthError,
    GuardError,
    LimitError,
    NotFoundError,
    OutputError,
    ProviderError,
    RateLimitError,
    ValidationError,
)
from tests.core.wire.strategies import json_values, of, texts

SECRET = "sk-ant-0123456789abcdef"
assert agentick_core.tools.sandbox.SandboxAccessError


def below(kind: type[AgentickError]) -> Iterator[type[AgentickError]]:
    if kind.__module__.startswith("agentick_core"):
        yield kind
    for each in kind.__subclasses__():
        yield from below(each)


TREE = tuple(dict.fromkeys(below(AgentickError)))


def made(kind: type[AgentickError], data: st.DataObject) -> AgentickError:
    """Make an error of this class with any arguments."""
    hints = get_type_hints(kind.__init__)
    parameters = inspect.signature(kind).parameters
    special: Mapping[str, Any] = {
        "details": st.dictionaries(texts, json_values, max_size=3),
        "recover": st.none(),
    }
    values = {name: special[name] if name in special else of(hints[name]) for name in parameters}
    return kind(**{name: data.draw(value) for name, value in values.items()})


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_every_error_of_the_tree_comes_back_from_json_as_it_was(
    kind: type[AgentickError], data: st.DataObject
) -> None:
    error = made(kind, data)
    if data.draw(st.booleans()):
        error.__cause__ = data.draw(
            st.sampled_from([ValueError("low"), RateLimitError("slow", retry_after=2.5)])
        )
    told = error.to_json()
    read = AgentickError.from_json(json.loads(json.dumps(told)))
    assert type(read) is kind
    assert (read.message, read.hint, read.code, read.details) == (
        error.message, error.hint, error.code, error.details,
    )  # fmt: skip
    assert [getattr(read, field) for field in kind.own_fields.values()] == [
        getattr(error, field) for field in kind.own_fields.values()
    ]
    assert (str(read), read.to_json()) == (str(error), told)


def test_an_error_is_written_with_everything_a_reader_can_use() -> None:
    error = ContextLengthError("Too long.", hint="Compact it.", provider="openai", status=400)
    error.partial = "So far"
    try:
        raise error from GuardError.role("admin")
    except ProviderError as raised:
        told = raised.to_json()
    assert told == {
        "name": "ContextLengthError",
        "code": "CONTEXT_LENGTH",
        "message": "Too long.",
        "hint": "Compact it.",
        "provider": "openai",
        "status": 400,
        "partial": "So far",
        "cause": {
            "name": "GuardError",
            "code": "GUARD_DENIED",
            "message": "Denied: one of these roles is needed: admin",
            "details": {"guard_type": "role", "reason": "one of these roles is needed: admin"},
            "reason": "one of these roles is needed: admin",
            "guardType": "role",
        },
    }


def test_an_error_without_more_is_its_name_its_code_and_its_message() -> None:
    assert LimitError("Enough").to_json() == {"name": "LimitError", "code": "LIMIT", "message": "Enough"}


def test_what_was_read_can_be_caught_and_shown_as_the_error_it_was() -> None:
    told = AbortError("Stopped", code="ABORT_TIMEOUT", reason="late").to_json()
    with pytest.raises(AbortError) as caught:
        raise AgentickError.from_json(told)
    assert (caught.value.code, caught.value.reason, caught.value.title) == (
        "ABORT_TIMEOUT",
        "late",
        "Stopped",
    )
    hinted = AgentickError.from_json(NotFoundError("No", hint="Look.").to_json())
    assert hinted.__notes__ == ["Look."]


def test_a_class_the_reader_does_not_know_becomes_the_nearest_by_its_code() -> None:
    read = AgentickError.from_json({"name": "SlowDownError", "code": "RATE_LIMIT_ERROR", "message": "Slow"})
    assert (type(read), read.code) == (RateLimitError, "RATE_LIMIT_ERROR")
    read = AgentickError.from_json({"name": "OddError", "code": "ODD", "message": "Odd"})
    assert (type(read), read.code, read.message) == (AgentickError, "ODD", "Odd")
    read = AgentickError.from_json({"name": "ValueError", "message": "No code"})
    assert (type(read), read.message) == (AgentickError, "No code")


def test_of_two_classes_of_one_name_the_one_with_the_code_is_taken() -> None:
    kind: type[AgentickError] = type("OutputError", (AgentickError,), {"code": "OTHER_OUTPUT"})
    assert type(AgentickError.from_json(OutputError("a").to_json())) is OutputError
    assert type(AgentickError.from_json(kind("b").to_json())) is kind


def test_neither_keys_nor_what_hangs_on_a_cause_are_written() -> None:
    class SdkError(Exception):
        headers: Mapping[str, str] = {"authorization": f"Bearer {SECRET}"}

    inner = SdkError(f"401 for {SECRET}")
    inner.headers = {"x-api-key": SECRET}
    error = AgentickError(f"Key {SECRET}", hint=f"Not {SECRET}", details={"sent": [SECRET], "by": inner})
    error.__cause__ = inner
    text = json.dumps(error.to_json())
    assert SECRET not in text
    assert error.to_json()["details"] == {"sent": ["[key]"], "by": "<SdkError>"}
    assert error.to_json()["cause"] == {"name": "SdkError", "message": "401 for [key]"}
    context = AgentickError("hidden")
    context.__context__ = inner
    assert "cause" not in context.to_json()


def test_headers_in_details_leave_without_what_lets_one_in() -> None:
    headers = {
        "Authorization": "Basic dXNlcg==",
        "x-api-key": "plain",
        "Set-Cookie": "a=b",
        "retry-after": "3",
    }
    told = AgentickError("x", details={"headers": headers, "tokens": 5}).to_json()["details"]
    assert told == {
        "headers": {
            "Authorization": "[key]", "x-api-key": "[key]", "Set-Cookie": "[key]", "retry-after": "3",
        },
        "tokens": 5,
    }  # fmt: skip


def test_an_error_that_cannot_say_what_it_is_is_told_by_its_name() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    error = AgentickError("x")
    error.__cause__ = MuteError()
    assert error.to_json()["cause"] == {"name": "MuteError", "message": "MuteError"}


def test_causes_are_told_down_to_a_depth_and_a_circle_of_them_ends() -> None:
    error = AgentickError("round")
    error.__cause__ = other = LimitError("and round")
    other.__cause__ = error
    told: Any = error.to_json()
    depth = 0
    while (told := told.get("cause")) is not None:
        depth += 1
    assert depth == 5
    deep: Any = {"name": "A", "message": "m"}
    for _ in range(5000):
        deep = {"name": "A", "code": "LIMIT", "message": "m", "cause": deep}
    assert isinstance(AgentickError.from_json(deep), LimitError)


def test_details_that_are_no_json_are_told_by_their_type() -> None:
    around: dict[str, Any] = {}
    around["self"] = around
    details = {"nan": float("nan"), "set": {1}, 3: "three", "around": around}
    told = AgentickError("x", details=details).to_json()["details"]  # pyright: ignore[reportArgumentType]  # what an untyped caller does
    assert (told["nan"], told["set"], told["3"]) == ("<float>", "<set>", "three")
    json.dumps(told, allow_nan=False)


def test_details_that_lie_in_themselves_are_told_once() -> None:
    ring: list[Any] = []
    ring += [ring, ring, ring]
    parent: dict[str, Any] = {"name": "top"}
    parent["children"] = [{"parent": parent}, {"parent": parent}]
    data = AgentickError("m", details={"ring": ring, "tree": parent, "twice": [[1], [1]]}).to_json()
    assert data["details"] == {
        "ring": ["<list>"] * 3,
        "tree": {"name": "top", "children": [{"parent": "<dict>"}] * 2},
        "twice": [[1], [1]],
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "error: expected an object, got list"),
        ({"message": "m"}, "error.name: expected a string, got nothing"),
        ({"name": "LimitError"}, "error.message: expected a string, got nothing"),
        ({"name": "LimitError", "message": 3}, "error.message: expected a string, got int"),
        ({"name": "LimitError", "message": "m", "code": 3}, "error.code: expected a string, got int"),
        (
            {"name": "LimitError", "message": "m", "details": []},
            "error.details: expected an object, got list",
        ),
        (
            {"name": "AbortError", "message": "m", "reason": 3},
            "error.reason: expected a string or null, got int",
        ),
        (
            {"name": "ProviderError", "message": "m", "retryAfter": True},
            "error.retryAfter: expected a number or null or a whole number, got bool",
        ),
        (
            {"name": "ComponentError", "message": "m", "stack": ["A", 1]},
            "error.stack: expected a list of strings, got list",
        ),
        (
            {"name": "LimitError", "message": "m", "cause": {"name": "ValueError"}},
            "error.cause.message: expected a string, got nothing",
        ),
        ({"name": "LimitError", "message": "m", "cause": "x"}, "error.cause: expected an object, got str"),
    ],
)
def test_what_is_no_error_is_refused_with_the_path(data: object, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AgentickError.from_json(data)
    assert refused.value.message == message


def test_a_component_stack_comes_back() -> None:
    read = AgentickError.from_json(ComponentError("m", stack=("A", "B")).to_json())
    assert isinstance(read, ComponentError)
    assert read.stack == ("A", "B")

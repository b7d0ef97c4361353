"""From what is typed to a command and its arguments."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentick_core.errors import ToolInputError
from agentick_tui.commands.parse import CommandLine, PlainText, arguments_of_words, parse_arguments, read_line
from agentick_tui.commands.schema import usage_of

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def schema(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


ONE = schema("title", title=TEXT)
SEARCH = schema("query", query=TEXT, limit=WHOLE)
NOTE = schema("number", "text", number=WHOLE, text=TEXT)
ALL = schema(
    path=TEXT,
    count=WHOLE,
    ratio={"type": "number"},
    deep={"type": "boolean"},
    tags={"type": "array"},
    where={"type": "object"},
    mode={"enum": ["fast", "slow"], "type": "string"},
    limit={"anyOf": [{"type": "integer"}, {"type": "null"}]},
    last=TEXT,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hello", PlainText("hello")),
        ("/help", CommandLine("help")),
        ("/help new", CommandLine("help", "new")),
        ("/rename  two  blanks ", CommandLine("rename", " two  blanks ")),
        ("/steer one\ntwo", CommandLine("steer", "one\ntwo")),
        ("/steer\ntwo", CommandLine("steer", "two")),
        ("//help", PlainText("/help")),
        ("///", PlainText("//")),
        (" /help", PlainText(" /help")),
        ("/usr/bin is a path", PlainText("/usr/bin is a path")),
        ("/find a/b", CommandLine("find", "a/b")),
        ("/agent:help x", CommandLine("agent:help", "x")),
        ("/", PlainText("/")),
        ("/ help", PlainText("/ help")),
        ("", PlainText("")),
    ],
)
def test_a_line_is_a_command_or_a_text(typed: str, read: object) -> None:
    assert read_line(typed) == read


@given(st.text())
def test_every_line_is_one_of_both(typed: str) -> None:
    match read_line(typed):
        case PlainText(text):
            assert text in (typed, typed[1:])
        case CommandLine(name, rest):
            assert name and typed.startswith(f"/{name}") and typed.endswith(rest)


@pytest.mark.parametrize("rest", ["a b", " a ", 'say "hi"', "title=x", "don't", "\\n"])
def test_a_single_text_takes_the_rest_as_it_is(rest: str) -> None:
    assert parse_arguments("rename", rest, ONE) == {"title": rest}


@pytest.mark.parametrize(
    ("rest", "given"),
    [
        ("bees", {"query": "bees"}),
        ("bees and wasps", {"query": "bees and wasps"}),
        ('"bees and wasps"', {"query": "bees and wasps"}),
        ('say "bees" twice', {"query": 'say "bees" twice'}),
        ("bees limit=3", {"query": "bees", "limit": 3}),
        ("limit=3 bees and wasps", {"query": "bees and wasps", "limit": 3}),
        ("bees limit=3 wasps", {"query": "bees wasps", "limit": 3}),
        ("query=bees and wasps", {"query": "bees and wasps"}),
        ('query="bees and wasps" limit=3', {"query": "bees and wasps", "limit": 3}),
        ("don't", {"query": "don't"}),
        ("x=1 y=2", {"query": "x=1 y=2"}),
        ('"limit=3"', {"query": "limit=3"}),
    ],
)
def test_the_last_text_takes_the_rest_and_keys_of_the_schema_count(rest: str, given: dict[str, Any]) -> None:
    assert parse_arguments("search", rest, SEARCH) == given


def test_words_go_to_the_parameters_in_order() -> None:
    assert parse_arguments("note", "3 remember this", NOTE) == {"number": 3, "text": "remember this"}


@pytest.mark.parametrize(
    ("rest", "given"),
    [
        ("a.txt 3 0.5 yes", {"path": "a.txt", "count": 3, "ratio": 0.5, "deep": True}),
        ("'a b' -3 2 No", {"path": "a b", "count": -3, "ratio": 2, "deep": False}),
        ("tags='[1, \"a\"]'", {"tags": [1, "a"]}),
        ('tags="[\\"a\\"]"', {"tags": ["a"]}),
        ("where={}", {"where": {}}),
        ("mode=fast limit=null", {"mode": "fast", "limit": None}),
        ("limit=4", {"limit": 4}),
        (r"C:\dir", {"path": r"C:\dir"}),
        (r'"C:\dir \"x\" \\"', {"path": 'C:\\dir "x" \\'}),
        ("last=all of this mode=slow", {"last": "all of this", "mode": "slow"}),
    ],
)
def test_each_type_is_read_as_what_it_is(rest: str, given: dict[str, Any]) -> None:
    assert parse_arguments("all", rest, ALL) == given


@pytest.mark.parametrize(
    ("rest", "schema_", "words"),
    [
        ("x", schema(count=WHOLE), ["count", "'x'", "a whole number"]),
        ("1.5", schema(count=WHOLE), ["a whole number"]),
        ("maybe", schema(deep={"type": "boolean"}), ["true or false"]),
        ("[1", schema(tags={"type": "array"}), ["a list as JSON"]),
        ("{}", schema(tags={"type": "array"}), ["a list as JSON"]),
        ("medium", schema(mode={"type": "string", "enum": ["fast", "slow"]}), ["one of fast, slow"]),
        ("", ONE, ["needs title"]),
        ("3", NOTE, ["needs text"]),
        ("", NOTE, ["needs number and text"]),
        ("1 2", schema(count=WHOLE), ["one argument too many: 2"]),
        ("count=1 count=2", schema(count=WHOLE), ["count is given twice"]),
        ('"open 1', schema(count=WHOLE), ["no partner"]),
    ],
)
def test_what_is_wrong_is_named_and_what_is_expected(
    rest: str, schema_: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ToolInputError) as caught:
        parse_arguments("it", rest, schema_)
    assert all(word in caught.value.message for word in words)
    assert caught.value.message.endswith(".")
    assert "Usage: /it" in caught.value.hint


@pytest.mark.parametrize(
    ("schema_", "usage"),
    [
        (SEARCH, "QUERY [limit=LIMIT]"),
        (NOTE, "NUMBER TEXT"),
        (schema(count=WHOLE, deep={"type": "boolean"}), "[COUNT] [DEEP]"),
        (schema("a", "c", a=TEXT, b=TEXT, c=WHOLE), "A [B] c=C"),
    ],
)
def test_what_the_last_text_would_swallow_is_offered_by_its_name(schema_: dict[str, Any], usage: str) -> None:
    assert usage_of(schema_) == usage


def test_a_key_that_is_not_in_the_schema_is_no_key() -> None:
    with pytest.raises(ToolInputError, match="x=1"):
        parse_arguments("it", "x=1", schema(count=WHOLE))


def test_a_union_of_references_is_followed() -> None:
    referring = schema(colour={"$ref": "#/$defs/Colour"})
    referring["$defs"] = {"Colour": {"type": "string", "enum": ["red", "blue"]}}
    assert parse_arguments("it", "blue", referring) == {"colour": "blue"}


@given(st.text(min_size=1).filter(lambda text: text.strip() != ""), st.integers())
def test_words_that_a_shell_split_come_through_unchanged(text: str, number: int) -> None:
    words = [f"limit={number}", f"query={text}"]
    assert arguments_of_words("search", words, SEARCH) == {"limit": number, "query": text}


@given(st.text(max_size=30))
def test_no_line_breaks_the_parser(rest: str) -> None:
    for one in (SEARCH, NOTE, ALL, ONE, schema()):
        try:
            parse_arguments("it", rest, one)
        except ToolInputError as error:
            assert error.message

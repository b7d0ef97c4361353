"""The waiting questions, the guard, and the check of edited arguments."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentick_tui.confirm.check import editable, read_arguments
from agentick_tui.confirm.drawing import LIMIT, argument_lines, body, diff_lines
from agentick_tui.confirm.question import Question, diff_of
from agentick_tui.confirm.queue import GUARD_SECONDS, QuestionQueue

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "command": {"type": "string"},
        "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "mode": {"enum": ["a", "b"]},
    },
    "required": ["command"],
    "additionalProperties": False,
}


def question(call_id: str) -> Question:
    return Question(call_id=call_id, name="shell")


def test_several_questions_queue_and_none_displaces_another() -> None:
    queue = QuestionQueue()
    assert queue.add(question("a"), 0.0)
    assert not queue.add(question("b"), 1.0)
    assert not queue.add(question("b"), 1.0)
    assert not queue.add(question("c"), 1.0)
    assert queue.current == question("a")
    assert queue.position == (1, 3)
    assert queue.remove("a", 2.0)
    assert queue.position == (2, 3)
    assert not queue.remove("c", 2.0)
    assert queue.remove("b", 2.0)
    assert queue.current is None
    assert not queue.remove("gone", 2.0)
    queue.add(question("d"), 3.0)
    assert queue.position == (1, 1)


def test_keys_count_only_after_a_pause_since_the_question_appeared() -> None:
    queue = QuestionQueue()
    queue.add(question("a"), 10.0)
    assert not queue.heard(9.9)
    assert not queue.heard(10.2)
    assert not queue.heard(10.4)
    assert queue.heard(10.4 + GUARD_SECONDS)
    assert queue.heard(10.71)


def test_each_question_is_guarded_anew() -> None:
    queue = QuestionQueue()
    queue.add(question("a"), 0.0)
    queue.add(question("b"), 0.0)
    assert queue.heard(1.0)
    queue.remove("a", 1.0)
    assert not queue.heard(1.1)
    assert queue.heard(1.5)


@given(st.lists(st.floats(0, 5), max_size=30))
def test_no_key_counts_before_a_pause(gaps: list[float]) -> None:
    queue = QuestionQueue()
    queue.add(question("a"), 0.0)
    at, last, acted = 0.0, 0.0, False
    for gap in gaps:
        at += gap
        acted = acted or at - last >= GUARD_SECONDS
        assert queue.heard(at) == acted
        last = at


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"command": "x"}', ""),
        ('{"command": "x", "count": null, "tags": ["a"], "mode": "a"}', ""),
        ("{", "Line 1, column 2"),
        ("[]", "one object"),
        ("{}", "command is missing"),
        ('{"command": 3}', "command must be string"),
        ('{"command": "x", "count": true}', "count must be integer"),
        ('{"command": "x", "tags": [1]}', "tags[0] must be string"),
        ('{"command": "x", "mode": "c"}', 'one of "a", "b"'),
        ('{"command": "x", "cuont": 1}', "cuont is not an argument"),
    ],
)
def test_edited_arguments_are_checked_and_what_is_wrong_is_said(text: str, wrong: str) -> None:
    arguments, said = read_arguments(text, SCHEMA)
    assert wrong in said
    assert (arguments is None) == bool(wrong)


def test_a_reference_in_the_schema_is_followed() -> None:
    schema = {"properties": {"at": {"$ref": "#/$defs/At"}}, "$defs": {"At": {"type": "integer"}}}
    assert read_arguments('{"at": 1}', schema)[0] == {"at": 1}
    assert "at must be integer" in read_arguments('{"at": "x"}', schema)[1]


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_editing_loses_nothing_and_hides_nothing(arguments: dict[str, Any]) -> None:
    text = editable(arguments)
    assert json.loads(text) == arguments
    assert not any(letter in text for letter in "\x1b\u202e\u200b\x9b")


def test_a_diff_is_read_from_the_preview() -> None:
    assert diff_of({"type": "diff", "filePath": "a.py", "patch": "+x"}) == "a.py\n+x"
    assert diff_of({"type": "diff", "filePath": "a.py", "patch": "+x", "isNewFile": True}).startswith(
        "a.py (new"
    )
    assert diff_of({"type": "text"}) == ""
    assert diff_of(None) == ""


@pytest.mark.parametrize("text", ["x" * (LIMIT + 7), "x\n" * (LIMIT // 2) + "x" * 7])
def test_what_is_too_long_to_be_shown_says_so(text: str) -> None:
    assert "7 more characters" in list(argument_lines({"command": text}))[-1].plain
    assert "7 more characters" in diff_lines(text)[-1].plain


def test_consent_text_hides_nothing_of_what_it_names() -> None:
    asked = Question(
        call_id="1", name="read", message="Read /safe\x1b]0;/../etc\x07?\rRead /safe?\n  Really?"
    )
    lines = [line.plain for line in body(asked, {})]
    assert "the tool says: Read /safe␛]0;/../etc␇?␍Read /safe? Really?" in lines

"""Which session is meant: id, beginning of an id, name, the last of a folder."""

from pathlib import Path

import pytest

from agentick_core.storage.store import SessionSummary
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.find_session import last_session, named_session, session_name

STORED = (
    SessionSummary(session_id="abc-1", preview="How do bees fly?\nTell me.", metadata={"workspace": "/work"}),
    SessionSummary(session_id="abc-2", preview="Say hello", metadata={"workspace": "/home"}),
    SessionSummary(
        session_id="xyz", preview="Say goodbye", metadata={"workspace": "/home", "title": "Farewell"}
    ),
)


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("abc-1", "abc-1"),
        ("x", "xyz"),
        ("farewell", "xyz"),
        ("How do bees fly?", "abc-1"),
        ("how do", "abc-1"),
    ],
)
def test_a_session_is_found_by_id_beginning_or_name(reference: str, meant: str) -> None:
    assert named_session(STORED, reference) == meant


def test_more_than_one_is_refused_and_listed() -> None:
    with pytest.raises(UsageError) as caught:
        named_session(STORED, "abc")
    assert "More than one" in caught.value.message
    assert "abc-1" in caught.value.hint
    assert "abc-2" in caught.value.hint


def test_none_lists_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        named_session(STORED, "Farewel!")
    assert "xyz  Farewell" in caught.value.hint
    assert "abc-1" not in caught.value.hint


@pytest.mark.parametrize("reference", ["", "   "])
def test_nothing_means_no_session(reference: str) -> None:
    with pytest.raises(UsageError, match="Unknown session"):
        named_session(STORED, reference)


def test_the_last_of_a_folder_is_the_first_listed_there() -> None:
    assert last_session(STORED, Path("/home")) == "abc-2"
    with pytest.raises(UsageError, match="no session of /elsewhere"):
        last_session(STORED, Path("/elsewhere"))


def test_a_title_goes_over_what_was_said_first() -> None:
    assert [session_name(each) for each in STORED] == ["How do bees fly?", "Say hello", "Farewell"]

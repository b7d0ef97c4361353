"""A session is rebuilt from what happened to it."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.messages.message import AssistantMessage
from agentick_core.messages.snapshot import OpenExecution, SessionSnapshot
from agentick_core.storage.journal import (
    EntriesCommitted,
    ExecutionClosed,
    ExecutionOpened,
    JournalRecord,
    MessagesShown,
    PartialText,
    ToolsAsked,
    ToolsBegun,
    replay,
)
from agentick_core.storage.records import record_from_row, record_to_row
from tests.core.storage.samples import entry
from tests.core.wire.strategies import of

EMPTY = SessionSnapshot(session_id="s")


def opened_by(*records: JournalRecord) -> OpenExecution | None:
    return replay(EMPTY, records).open_execution


def test_an_execution_is_open_until_it_is_closed() -> None:
    assert opened_by(ExecutionOpened("x", 1.0)) == OpenExecution("x", 1.0)
    assert opened_by(ExecutionOpened("x", 1.0), ExecutionClosed("x")) is None


def test_what_was_shown_and_the_answer_whose_tools_began_are_known() -> None:
    begun = (ExecutionOpened("x"), MessagesShown("x", ("m1",)), MessagesShown("x", ("m2",)))
    answer = AssistantMessage("I add.")
    assert opened_by(*begun, ToolsBegun("x", answer)) == OpenExecution("x", 0.0, "", ("m1", "m2"), answer)


def test_a_call_has_not_begun_as_long_as_somebody_is_asked_about_it() -> None:
    begun = (ExecutionOpened("x"), ToolsBegun("x", AssistantMessage("I add.")), ToolsAsked("x", ("c1", "c2")))
    asked = [opened_by(*begun), opened_by(*begun, ToolsAsked("x", ("c2",)))]
    assert [execution and execution.asked for execution in asked] == [("c1", "c2"), ("c2",)]


def test_committed_entries_take_the_place_of_the_streamed_text() -> None:
    begun = (ExecutionOpened("x", 2.0), PartialText("x", "Hel"), MessagesShown("x", ("m",)))
    assert opened_by(*begun, EntriesCommitted((entry(1),))) == OpenExecution("x", 2.0)


def test_entries_written_aside_leave_what_is_known_of_the_execution_but_for_the_messages_they_take() -> None:
    answer = AssistantMessage("I add.")
    begun = (
        ExecutionOpened("x", 2.0),
        MessagesShown("x", ("m1", "m2")),
        PartialText("x", "I"),
        ToolsBegun("x", answer),
    )
    aside = EntriesCommitted((entry(1),), ("m1",), aside=True)
    assert opened_by(*begun, aside) == OpenExecution("x", 2.0, "I", ("m2",), answer)


def test_a_late_word_of_another_execution_changes_nothing() -> None:
    late = (PartialText("old", "no"), MessagesShown("old", ("m",)), ExecutionClosed("old"))
    assert opened_by(ExecutionOpened("x"), *late) == OpenExecution("x")
    assert opened_by(*late) is None


@settings(deadline=None)
@given(st.lists(of(JournalRecord), max_size=6))
def test_records_come_back_from_their_rows_as_they_were(records: list[JournalRecord]) -> None:
    rows = [record_to_row(record) for record in records]
    log = iter([it for record in records if isinstance(record, EntriesCommitted) for it in record.entries])
    assert [record_from_row(kind, body, log) for kind, body in rows] == records


@settings(deadline=None, max_examples=50)
@given(st.lists(of(JournalRecord), max_size=8), st.data())
def test_a_journal_may_be_replayed_in_any_number_of_parts(
    records: list[JournalRecord], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(records)))) | {0, len(records)})
    snapshot = EMPTY
    for start, end in pairwise(cuts):
        snapshot = replay(snapshot, records[start:end])
    assert snapshot == replay(EMPTY, records)

"""What `agentick run` prints for a person who watches, and for a program that reads the answer."""

import pytest

from agentick_core.events.model import ContentDelta, ContentStart, MessageStart, ToolCallEvent
from agentick_core.events.orchestration import ModelRetry, ToolResultEvent
from agentick_core.messages.blocks import TextBlock
from agentick_tui.engine.run_output import AnswerText, LiveText, Progress


def text(*deltas: str) -> tuple[ContentStart | ContentDelta, ...]:
    """Give the events of one text block."""
    return (
        ContentStart(block_type="text", block_index=0),
        *(ContentDelta(delta=delta) for delta in deltas),
    )


def test_a_person_sees_every_answer_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    output = LiveText()
    seen: list[str] = []
    for event in (
        MessageStart(),
        *text("Let me ", "look."),
        ToolCallEvent(call_id="1", name="look"),
        *text("Found."),
    ):
        output.show(event)
        seen.append(capsys.readouterr().out)
    output.finish("Found.")
    assert "".join(seen) + capsys.readouterr().out == "Let me look.\n\nFound.\n"
    assert "Let me " in seen


def test_an_escape_sequence_cut_anywhere_never_reaches_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\x1b]0;title\x07b\x1b[31mc"
    for cut in range(len(evil)):
        output = LiveText()
        for event in text(evil[:cut], evil[cut:]):
            output.show(event)
        output.finish(None)
        assert capsys.readouterr().out == "abc\n"


def test_an_answer_that_did_not_stream_is_shown_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    LiveText().finish("whole")
    assert capsys.readouterr().out == "whole\n"


def test_a_program_reads_the_last_answer_alone(capsys: pytest.CaptureFixture[str]) -> None:
    output = AnswerText()
    for event in (*text("Let me look."), MessageStart(), *text("Found.")):
        output.show(event)
    output.finish("Found.")
    assert capsys.readouterr().out == "Found.\n"


def test_of_an_answer_that_broke_off_there_is_what_had_come(capsys: pytest.CaptureFixture[str]) -> None:
    output = AnswerText()
    for event in (MessageStart(), *text("Half of ", "it")):
        output.show(event)
    output.finish(None)
    assert capsys.readouterr().out == "Half of it\n"


def test_what_a_child_says_is_not_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    for output in (LiveText(), AnswerText()):
        output.show(ContentDelta(delta="secret", spawn_path=("child",)))
        output.finish(None)
    assert not capsys.readouterr().out


def test_progress_tells_of_tools_and_retries_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    progress.show(ToolCallEvent(call_id="1", name="look", input={"at": "\x1b[31m"}))
    progress.show(ToolResultEvent(call_id="1", name="look", result=(TextBlock("no\x1b"),), is_error=True))
    progress.show(ModelRetry(attempt=1, delay_ms=500, reason="busy"))
    out, err = capsys.readouterr()
    assert not out
    assert "\x1b" not in err
    assert "look" in err
    assert "failed: no" in err
    assert "retry 1 in 0.5 s: busy" in err

"""A folder with settings of its own: the chat asks once whether it is trusted, and nothing of it counts before."""

from pathlib import Path

import pytest

from tests.e2e.terminal import CTRL_Q, ENTER, chat
from tests.tui.cli.command_line import run_process

pytestmark = pytest.mark.pty


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose settings name a model that nobody asked for, and hide a control character."""
    settings = tmp_path / "work" / ".agentick" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('model = "openai:of-the-folder"\nbase_url = "http://127.0.0.1:9/\\u001b[31mv1"\n')
    return settings.parent.parent


def test_a_folder_that_is_trusted_is_asked_about_once_and_then_counts(folder: Path) -> None:
    with chat(cwd=folder) as terminal:
        terminal.until("[y/N]")
        assert "openai:of-the-folder" in terminal.text
        assert "␛[31m" in terminal.text
        terminal.send("y" + ENTER)
        assert "of-the-folder" in terminal.ready().text
        terminal.send(CTRL_Q)
        assert terminal.ended() == 0
    with chat(cwd=folder) as terminal:
        assert "of-the-folder" in terminal.ready().text
        assert b"[y/N]" not in terminal.written


def test_a_folder_that_is_refused_is_asked_about_once_and_never_counts(folder: Path) -> None:
    for question in (True, False):
        with chat(cwd=folder) as terminal:
            if question:
                terminal.until("[y/N]")
                terminal.send(ENTER)
            assert "of-the-folder" not in terminal.ready().text
            assert (b"[y/N]" in terminal.written) is question
            terminal.send(CTRL_Q)
            assert terminal.ended() == 0


def test_leaving_the_question_answers_nothing(folder: Path) -> None:
    for _ in range(2):
        with chat(cwd=folder) as terminal:
            terminal.until("[y/N]")
            terminal.send("\x03")
            assert terminal.ended() == 130
            assert b"Traceback" not in terminal.written


def test_run_never_asks_and_never_counts_what_was_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    outcome = run_process("run", "Hello")
    assert outcome.code == 0, outcome
    assert "was not read" in outcome.err
    assert "[y/N]" not in outcome.err


def test_what_was_typed_before_the_question_is_no_answer_to_it(folder: Path) -> None:
    with chat(cwd=folder) as terminal:
        terminal.send("y" + ENTER)
        terminal.until("[y/N]")
        terminal.send(ENTER)
        assert "of-the-folder" not in terminal.ready().text

"""What cannot work says what to do next, with a proper exit code and without a traceback."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.agent_file import agent_file, keys, provider_flags
from tests.e2e.terminal import CTRL_Q, ENTER, assert_restored, chat
from tests.fakes import fake_provider_thread
from tests.fakes.script import refusal
from tests.tui.cli.command_line import run_process

pytestmark = pytest.mark.pty


def run(*arguments: str, given: bytes | None = None, shell: str = "", code: int) -> str:
    """Run the program, check its exit code, and give what it said on stderr."""
    outcome = run_process(*arguments, given=given, shell=shell)
    assert outcome.code == code, outcome
    assert "Traceback" not in outcome.out + outcome.err
    return outcome.err


def test_a_server_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    said = run("run", "--model", "openai:m", "--base-url", "http://127.0.0.1:9/v1", "Hello", code=1)
    assert "retry" in said
    assert "127.0.0.1:9" in said or "reach" in said


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_wrong_key_and_an_unknown_model(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in keys().items():
        monkeypatch.setenv(name, key)
    script = [refusal(401, "Incorrect API key sk-test-secret."), refusal(404, "No such model.")]
    with fake_provider_thread(script) as server:
        flags = provider_flags(provider, server.base_url)
        said = run("run", *flags, "Hello", code=1)
        assert f"{provider.upper()}_API_KEY" in said
        assert "sk-test" not in said
        said = run("run", *flags, "Hello", code=2)
        assert "agentick models" in said or "--model" in said
    assert len(server.requests) == 2


def test_no_key_at_all() -> None:
    assert "OPENAI_API_KEY" in run("run", "--model", "openai:m", "Hello", code=1)


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (None, "agent.py", "no file"),
        ("app = 3", "agent.py", "not an app"),
        ("", "agent.py:other", "no 'other'"),
        ("raise RuntimeError('broken inside')", "agent.py", "broken inside"),
        ("def (", "agent.py", "line 1"),
        ("import no_such_module", "agent.py", "no_such_module"),
        (None, "no.such.module:app", "no module"),
    ],
)
def test_an_app_that_cannot_be_loaded(
    source: str | None, target: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if source is not None:
        (tmp_path / "agent.py").write_text(source)
    assert words in run("run", "--app", target, "Hello", code=2)
    with chat("--app", target, cwd=tmp_path) as terminal:
        assert terminal.ended() == 2
        assert b"\x1b[?1049h" not in terminal.written


def test_sessions_that_are_unknown_or_ambiguous() -> None:
    for name in ("one-first", "one-second"):
        run("run", "--session", name, "One sentence about it", code=0)
    assert "one-first" in run("--resume", "one-frist", code=2)
    assert "one-second" in run("--resume", "one-", code=2)
    with chat("--resume", "one-s") as terminal:
        terminal.ready().until("One sentence about it")


def test_without_a_terminal_the_chat_says_what_to_use() -> None:
    assert "agentick run" in run(code=2)
    assert "agentick run" in run(given=b"Hello", code=2)
    assert "agentick run" in run(shell="<&-", code=2)


def test_a_reader_that_leaves_and_a_closed_stdout_are_no_crash() -> None:
    assert "Traceback" not in run("run", "Hello", shell="| head -c 5 >/dev/null", code=0)
    run("run", "Hello", shell=">&-", code=1)
    run("run", "--json", "Hello", shell=">&-", code=1)
    run("run", "Hello", shell="2>&-", code=0)


def damage_all(file: Path) -> None:
    """Make it no database."""
    file.write_bytes(b"This is not a database, but it is long enough to look like something. " * 100)


def damage_half(file: Path) -> None:
    """Cut it in the middle."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    os.truncate(file, file.stat().st_size // 2)


def damage_pages(file: Path) -> None:
    """Overwrite all behind the first page."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xa5" * (file.stat().st_size - 4096))


@pytest.mark.parametrize("damage", [damage_all, damage_half, damage_pages])
def test_a_damaged_database_is_explained(damage: Callable[[Path], None], own_home: Path) -> None:
    run("run", "--session", "mine", "One sentence", code=0)
    (file,) = own_home.rglob("*.db")
    damage(file)
    before = file.read_bytes()
    said = run("run", "--session", "mine", "Hello", code=1)
    assert str(file) in said
    assert "begin anew" in said
    if damage is damage_half:
        assert "begin anew" in run("sessions", "list", code=1)
        assert "begin anew" in run("--resume", "mine", code=1)
        with chat() as terminal:
            terminal.until("is damaged")
            terminal.line("Some text")
            terminal.until("› Some text")
            terminal.send(CTRL_Q)
            assert terminal.ended() == 0
            assert_restored(terminal)
    assert file.read_bytes()[: len(before)] == before


# A file that may not grow is as good as a full disk, but for the number of the error.
FULL = """
import resource, signal
from agentick_tui.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
main()
"""


def test_a_full_disk_is_said_and_the_answer_is_still_given(tmp_path: Path) -> None:
    program = tmp_path / "limited.py"
    program.write_text(FULL)
    with subprocess.Popen(
        [sys.executable, str(program), "run", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        out, err = process.communicate(b"One sentence about " + b"x" * 300_000, timeout=20)
    said = err.decode()
    assert "Traceback" not in said
    assert "not stored" in said or process.returncode == 1, said
    assert out or process.returncode == 1


def test_a_full_disk_is_a_card_on_the_screen_and_the_chat_goes_on(tmp_path: Path) -> None:
    program = tmp_path / "limited.py"
    program.write_text(FULL)
    with chat(command=(sys.executable, str(program)), size=(50, 100)) as terminal:
        terminal.ready().send("\x1b[200~" + "many words " * 15_000 + "\x1b[201~")
        terminal.until("words")
        terminal.send(ENTER)
        terminal.until("could not be saved")
        terminal.until("The context is too long")
        terminal.ready().line("One sentence, please")
        terminal.until("agentick is")
        terminal.ready().send("\x11")
        terminal.ended()
        assert "Traceback" not in terminal.after


def test_a_folder_that_cannot_be_written_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AGENTICK_HOME", str(tmp_path / "file" / "home"))
    assert "AGENTICK_HOME" in run("run", "Hello", code=1)
    with chat() as terminal:
        assert terminal.ended() == 1
        assert b"\x1b[?1049h" not in terminal.written


def test_an_app_that_raises_while_it_renders_is_a_card_and_the_chat_stays(tmp_path: Path) -> None:
    file = Path(agent_file(tmp_path))
    file.write_text(
        "from agentick_core.tree.element import component\n"
        "@component\ndef app():\n    raise RuntimeError('cannot render')\n"
    )
    assert "cannot render" in run("run", "--app", str(file), "Hello", code=1)
    with chat("--app", str(file)) as terminal:
        terminal.ready().line("Hello")
        terminal.until("cannot render")
        terminal.ready().line("/queue")
        terminal.until("Nothing is queued.")

"""`agentick run`: the answer on stdout, the progress on stderr, an exit code that tells how it went."""

import json
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from agentick_core.errors import AgentickError
from agentick_core.events import ErrorEvent
from agentick_core.wire.events import from_wire
from tests.tui.cli.command_line import CommandLine, run_process, started

PLAIN_REPLY = [
    "stream_start", "execution_start", "tick_start", "compiled", "model_request", "message_start", "content_start",
    "content_end", "content", "message_end", "message", "model_response", "entry_committed", "entry_committed",
    "tick_end", "context_update", "result", "execution_end",
]  # fmt: skip

AGENT = '''
from agentick_core.components.structure import System
from agentick_core.components.timeline import Timeline
from agentick_core.session.app.create import create_app
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component

@tool(effects={"read"}, requires_confirmation=True)
def look(place: str) -> str:
    """Look somewhere."""
    return "saw \\x1b[31m" + place

@tool(requires_confirmation=True)
def burn(place: str) -> str:
    """Burn it."""
    return "burnt " + place

@component
def Agent():
    yield System("Do it.")
    yield look
    yield burn
    yield Timeline()

print("imported")
looking = create_app(Agent, model=ScriptedModel(call("look", place="here"), "I \\x1b]0;title\\x07looked."))
burning = create_app(Agent, model=ScriptedModel(call("burn", place="there"), "Well."))
endless = create_app(Agent, model=ScriptedModel.repeat(call("look", place="here")))
'''


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """Give a file with agents in it."""
    file = tmp_path / "some_agent.py"
    file.write_text(AGENT)
    return file


def events_of(text: str) -> list[dict[str, object]]:
    """Read the lines of `--json`."""
    return [json.loads(line) for line in text.splitlines()]


def test_a_prompt_gets_an_answer_on_stdout(agentick: CommandLine) -> None:
    outcome = agentick("run", "One sentence")
    assert outcome.code == 0
    assert "agentick" in outcome.out
    assert "offline" in outcome.err


def test_json_gives_the_events_in_their_order(agentick: CommandLine) -> None:
    outcome = agentick("run", "--json", "One sentence")
    events = events_of(outcome.out)
    kinds = [str(event["type"]) for event in events]
    assert events[0] == {"type": "stream_start", "version": 1}
    optional = {"content_delta", "message_queued", "provider_request", "usage"}
    assert [kind for kind in kinds if kind not in optional] == PLAIN_REPLY


def test_every_line_of_json_can_be_read_back(agentick: CommandLine) -> None:
    outcome = agentick("run", "--json", "One sentence")
    assert [from_wire(event).type for event in events_of(outcome.out)[1:]][-1] == "execution_end"


@pytest.mark.parametrize("arguments", [["run"], ["run", "-"]])
def test_a_pipe_gives_the_prompt(arguments: list[str]) -> None:
    outcome = run_process(*arguments, given=b"One sentence\n")
    assert outcome.code == 0
    assert outcome.out


def test_stdin_is_left_alone_when_there_is_a_prompt() -> None:
    with started("run", "one sentence", stdin=subprocess.PIPE) as process:
        assert process.wait(timeout=20) == 0
        assert process.stdout is not None
        assert process.stdout.read()


@pytest.mark.parametrize(
    ("arguments", "given", "shell"),
    [(["run"], None, ""), (["run"], b" \n", ""), (["run"], None, "<&-"), (["run", "-"], None, "<&-")],
)
def test_no_prompt_at_all_is_explained(arguments: list[str], given: bytes | None, shell: str) -> None:
    outcome = run_process(*arguments, given=given, shell=shell)
    assert outcome.code == 2
    assert "agentick run" in outcome.err
    assert not outcome.out


def test_with_stdin_closed_a_prompt_is_still_answered() -> None:
    assert run_process("run", "one sentence", shell="<&-").code == 0


def test_a_session_goes_on(agentick: CommandLine) -> None:
    assert agentick("run", "--session", "mine", "First: one sentence").code == 0
    assert agentick("run", "--session", "mine", "Second: one sentence").code == 0
    sessions = json.loads(agentick("sessions", "list", "--json").out)
    assert [session["id"] for session in sessions] == ["mine"]
    assert sessions[0]["name"] == "First: one sentence"
    assert sessions[0]["entries"] == 4


def test_sessions_are_listed_for_people_too(agentick: CommandLine) -> None:
    assert "no sessions" in agentick("sessions", "list").out
    agentick("run", "--session", "mine", "Say \x1b[31mone sentence")
    assert "mine" in agentick("sessions", "list").out
    assert "\x1b" not in agentick("sessions", "list").out


def test_the_database_is_private_and_can_be_elsewhere(
    agentick: CommandLine, tmp_path: Path, own_home: Path
) -> None:
    database = tmp_path / "elsewhere.db"
    assert agentick("--db", str(database), "run", "--session", "there", "one sentence").code == 0
    assert database.stat().st_mode & 0o777 == 0o600
    assert "there" in agentick("sessions", "list", "--db", str(database)).out
    assert not (own_home / "sessions.db").exists()


def test_a_damaged_database_is_explained(agentick: CommandLine, tmp_path: Path) -> None:
    database = tmp_path / "damaged.db"
    database.write_bytes(b"this is no database at all" * 100)
    for arguments in (["run", "one sentence"], ["sessions", "list"]):
        outcome = agentick("--db", str(database), *arguments)
        assert outcome.code == 1
        assert "damaged.db" in outcome.err
    assert database.read_bytes().startswith(b"this is no database")


def test_a_loaded_agent_answers_and_what_it_prints_stays_out_of_the_answer(
    agentick: CommandLine, agent: Path
) -> None:
    outcome = agentick("run", "--app", f"{agent}:looking", "--approve", "all", "look")
    assert outcome.code == 0
    assert outcome.out == "I looked.\n"
    assert "imported" in outcome.err


def test_what_would_ask_is_refused_and_the_exit_code_says_so(agentick: CommandLine, agent: Path) -> None:
    outcome = agentick("run", "--app", f"{agent}:looking", "look")
    assert outcome.code == 3
    assert outcome.out == "I looked.\n"
    assert "--approve" in outcome.err


@pytest.mark.parametrize(("name", "code"), [("looking", 0), ("burning", 3)])
def test_approving_reads_approves_nothing_else(
    agentick: CommandLine, agent: Path, name: str, code: int
) -> None:
    assert agentick("run", "--app", f"{agent}:{name}", "--approve", "reads", "go").code == code


def test_a_refusal_is_in_the_events(agentick: CommandLine, agent: Path) -> None:
    outcome = agentick("run", "--json", "--app", f"{agent}:burning", "go")
    kinds = [str(event["type"]) for event in events_of(outcome.out)]
    assert kinds.index("tool_confirmation_required") < kinds.index("tool_confirmation_result")
    assert kinds[-1] == "execution_end"
    assert outcome.code == 3


def test_no_control_sequence_leaves_in_any_form(agentick: CommandLine, agent: Path) -> None:
    for form in ([], ["--json"]):
        outcome = agentick("run", *form, "--app", f"{agent}:looking", "--approve", "all", "look \x9b31m")
        assert not {"\x1b", "\x07", "\x9b"} & set(outcome.out + outcome.err)


def test_a_limit_of_ticks_ends_with_4(agentick: CommandLine, agent: Path) -> None:
    outcome = agentick("run", "--app", f"{agent}:endless", "--approve", "all", "--max-ticks", "2", "go")
    assert outcome.code == 4
    assert "max_ticks" in outcome.err


def test_a_limit_of_time_ends_with_4(agentick: CommandLine) -> None:
    outcome = agentick("run", "--json", "--timeout", "0.2", "a slow stream")
    assert outcome.code == 4
    assert events_of(outcome.out)[-1]["type"] == "execution_end"


def test_a_failure_of_the_model_ends_with_1_and_says_why(agentick: CommandLine) -> None:
    outcome = agentick("run", "--json", "show an error")
    assert outcome.code == 1
    assert events_of(outcome.out)[-1]["type"] == "execution_end"
    assert outcome.err.strip()


def test_with_debug_a_failure_of_the_model_is_in_the_log(agentick: CommandLine, own_home: Path) -> None:
    outcome = agentick("run", "--debug", "show an error")
    assert outcome.code == 1
    assert str(own_home / "agentick.log") in outcome.err
    assert "Traceback" in (own_home / "agentick.log").read_text()


def test_a_failure_before_the_start_is_one_line_of_error(agentick: CommandLine) -> None:
    outcome = agentick("run", "--json", "--model", "nobody", "one sentence")
    assert outcome.code == 2
    _, told = events_of(outcome.out)
    assert isinstance(event := from_wire(told), ErrorEvent)
    read = AgentickError.from_json(told["error"])
    assert (event.message, event.code, read.title) == (read.message, "NOT_FOUND", "Not found")
    assert read.hint in outcome.err


def test_no_network_ends_with_1_and_says_what_to_do(
    agentick: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    outcome = agentick(
        "run", "--model", "openai:x", "--base-url", "http://127.0.0.1:1/v1", "--timeout", "2", "hi"
    )
    assert outcome.code in (1, 4)
    assert "127.0.0.1" in outcome.err or "connection" in outcome.err.lower()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_what_was_said_is_kept(
    number: signal.Signals, code: int, own_home: Path
) -> None:
    with started("run", "--json", "--session", "cut", "a slow long stream") as process:
        assert process.stdout is not None
        lines: list[bytes] = []
        for line in process.stdout:
            lines.append(line)
            if b'"content_delta"' in line:
                process.send_signal(number)
                break
        lines += process.stdout.readlines()
        assert process.wait(timeout=20) == code
    assert json.loads(lines[-1])["type"] == "execution_end"
    with sqlite3.connect(own_home / "sessions.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()
    assert b"Traceback" not in b"".join(lines)


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    read, write = os.pipe()
    with started("run", "--json", "a long answer", stdout=write) as process:
        os.close(write)
        os.read(read, 10)
        os.close(read)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait(timeout=20) == 1
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_a_folders_name_cannot_write_to_the_terminal(
    agentick: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "a\x1b]0;mine\x07"
    (hostile / ".agentick").mkdir(parents=True)
    (hostile / ".agentick" / "settings.toml").write_text("")
    monkeypatch.chdir(hostile)
    said = agentick("run", "Say hello", "--model", "offline").err
    assert "was not read" in said
    assert "\x1b" not in said

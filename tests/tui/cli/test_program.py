"""The command line as a whole: help, version, listings, wrong arguments, failures."""

import asyncio
import json
import resource
import subprocess
from pathlib import Path

import pytest

from agentick_tui import __version__
from tests.tui.cli.command_line import PROGRAM, CommandLine, run_process

VERSION_BUDGET = 0.080
"""Seconds of CPU; a benchmark shows the figure itself."""


def test_the_version_is_one_line(agentick: CommandLine) -> None:
    assert agentick("--version").out == f"agentick {__version__}\n"
    assert agentick("--debug", "--version").out == f"agentick {__version__}\n"


def test_the_version_stays_within_twice_its_budget_on_a_busy_machine() -> None:
    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    costs: list[float] = []
    for _ in range(5):
        before = cpu()
        subprocess.run([*PROGRAM, "--version"], stdout=subprocess.DEVNULL, check=True)
        costs.append(cpu() - before)
    assert min(costs) < 2 * VERSION_BUDGET


def test_the_help_names_every_command_and_flag(agentick: CommandLine) -> None:
    text = agentick("--help").out
    for word in (
        "run",
        "sessions",
        "models",
        "themes",
        "--resume",
        "--continue",
        "--app",
        "--model",
        "--theme",
    ):
        assert word in text
    for word in ("--session", "--json", "--max-ticks", "--timeout", "--approve", "--base-url", "--db"):
        assert word in agentick("run", "--help").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-flag"],
        ["no-such-command"],
        ["run", "--max-ticks", "many", "hi"],
        ["run", "--max-ticks", "0", "hi"],
        ["run", "--timeout", "-1", "hi"],
        ["run", "--timeout", "nan", "hi"],
        ["run", "--approve", "some", "hi"],
        ["run", "--session", " ", "hi"],
        ["run", "--model", "nobody:nothing", "hi"],
        ["run", "--base-url", "http://127.0.0.1:1", "hi"],
        ["run", "--app", "nowhere.py", "hi"],
        ["run", ""],
        ["--resume", "x", "run", "hi"],
        ["--theme", "nope"],
        ["--model", "nobody"],
        ["--app", "no.such.module"],
        ["--resume", "nobody"],
        ["--continue"],
        ["--resume", "x", "--continue"],
    ],
)
def test_wrong_use_is_explained_and_exits_with_2(agentick: CommandLine, arguments: list[str]) -> None:
    outcome = agentick(*arguments)
    assert outcome.code == 2
    assert not outcome.out
    assert outcome.err.strip()


def test_without_a_terminal_the_chat_points_to_run(agentick: CommandLine) -> None:
    outcome = run_process()
    assert outcome.code == 2
    assert "agentick run" in outcome.err


def test_the_arguments_are_checked_before_the_terminal() -> None:
    outcome = run_process("--theme", "nope")
    assert outcome.code == 2
    assert "Unknown theme: nope" in outcome.err
    assert "terminal" not in outcome.err


def test_the_themes_are_listed(agentick: CommandLine) -> None:
    assert "agentick-dark" in agentick("themes").out
    assert {"theme": "agentick-light", "kind": "light"} in json.loads(agentick("themes", "--json").out)


def test_the_models_are_listed_with_the_one_that_answers_and_why(agentick: CommandLine) -> None:
    first = agentick("models").out.splitlines()[0]
    assert first.startswith("offline")
    assert "no key" in first
    rows = json.loads(agentick("models", "--json", "-m", "openai:gpt-5").out)
    assert rows[0] == {"model": "openai:gpt-5", "chosen": "set by --model"}


def test_a_mistake_in_the_settings_names_file_and_line(agentick: CommandLine, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "settings.toml").write_text('\nmodle = "offline"\n')
    outcome = agentick("models")
    assert outcome.code == 2
    assert f"{own_home / 'settings.toml'}:2: unknown setting 'modle'" in outcome.err


@pytest.mark.parametrize("slip", [ZeroDivisionError, asyncio.CancelledError])
def test_a_failure_inside_gives_a_sentence_and_with_debug_a_log(
    agentick: CommandLine, own_home: Path, monkeypatch: pytest.MonkeyPatch, slip: type[BaseException]
) -> None:
    def fail(**_: object) -> None:
        raise slip("a slip")

    monkeypatch.setattr("agentick_tui.cli.listings.show_themes", fail)
    plain = agentick("themes")
    assert plain.code == 1
    assert f"{slip.__name__}: a slip" in plain.err
    assert "--debug" in plain.err
    debug = agentick("--debug", "themes")
    log = own_home / "agentick.log"
    assert str(log) in debug.err
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_home_that_cannot_be_made_is_explained(
    agentick: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AGENTICK_HOME", str(tmp_path / "file" / "home"))
    outcome = agentick("run", "hi")
    assert outcome.code == 1
    assert "AGENTICK_HOME" in outcome.err


@pytest.mark.parametrize(
    ("redirection", "says"), [(">&-", "stdout is closed"), (">/dev/full", "No space left")]
)
def test_an_output_that_takes_nothing_is_explained(redirection: str, says: str) -> None:
    outcome = run_process("themes", shell=redirection)
    assert outcome.code == 1
    assert says in outcome.err
    assert "Traceback" not in outcome.err


def test_a_reader_that_leaves_is_no_reason_to_complain() -> None:
    outcome = run_process("models", shell="| head -1")
    assert outcome.out.count("\n") == 1
    assert not outcome.err


def test_completion_can_be_shown() -> None:
    outcome = run_process("--show-completion", "bash")
    assert outcome.code in (0, 1)
    assert "Traceback" not in outcome.err

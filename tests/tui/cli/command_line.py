"""Runs `agentick` as a process of its own, or within the test."""

import subprocess
import sys
from dataclasses import dataclass
from unittest.mock import patch

import pytest

from agentick_tui.cli import main

PROGRAM = (sys.executable, "-c", "from agentick_tui.cli import main; main()")


@dataclass(frozen=True)
class Outcome:
    """What a run of the program gave."""

    code: int
    out: str
    err: str


def started(
    *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """Start the program as a process."""
    return subprocess.Popen([*PROGRAM, *arguments], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)


def run_process(*arguments: str, given: bytes | None = None, shell: str = "") -> Outcome:
    """Run the program as a process with `given` on stdin; `shell` adds redirections such as "<&-"."""
    command = [*PROGRAM, *arguments]
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}' if "|" not in shell else f'"$@" {shell}', "sh", *command]
    stdin = subprocess.DEVNULL if given is None else subprocess.PIPE
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(given, timeout=30)
    return Outcome(process.returncode, out.decode(), err.decode())


class CommandLine:
    """Runs the program within the test."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Outcome:
        with patch.object(sys, "argv", ["agentick", *arguments]), pytest.raises(SystemExit) as left:
            main()
        out, err = self._capture.readouterr()
        assert "Traceback" not in out + err
        return Outcome(int(left.value.code or 0), out, err)

"""The strict checks of the whole project: ruff and pyright, each run once."""

import subprocess
import sys

import pytest

from tests.source_files import ROOT


def run(*command: str) -> None:
    """Run a checker over the project; what it finds fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_the_code_is_formatted() -> None:
    run("ruff", "format", "--check", "--no-cache", ".")


@pytest.mark.timeout(300)
def test_pyright_finds_nothing() -> None:
    run("pyright")

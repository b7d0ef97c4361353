"""The command line, within a test."""

import pytest

from tests.tui.cli.command_line import CommandLine


@pytest.fixture
def agentick(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Give the program, to be run with arguments."""
    return CommandLine(capsys)

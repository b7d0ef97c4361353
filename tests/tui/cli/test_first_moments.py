"""What is interrupted before anything of the program is there ends without a traceback."""

import sys
from types import ModuleType

import pytest

from agentick_tui.cli import main
from agentick_tui.engine.exit_codes import ExitCode


class Interrupted(ModuleType):
    """A module in whose import Ctrl+C was pressed."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_in_the_first_moments_ends_it_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "agentick_tui.cli.guard", Interrupted("agentick_tui.cli.guard"))
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == ExitCode.INTERRUPTED

"""The command line: what was asked for, checked, and handed on. Nothing heavy is imported before it is needed."""

import os
import sys

# `ExitCode.INTERRUPTED`, for whoever interrupts before that is imported.
INTERRUPTED = 130


def main() -> None:
    """Run `agentick` with the arguments of the process, and leave with its exit code."""
    try:
        from agentick_tui.cli.guard import guarded
        from agentick_tui.garbage import hold
    # Nothing stands guard yet.
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None

    hold()
    arguments = sys.argv[1:]
    raise SystemExit(guarded(lambda: _dispatch(arguments), debug="--debug" in arguments))


def _dispatch(arguments: list[str]) -> int:
    """Answer `--version` and open the bare chat without Typer, which is needed only for arguments and completion."""
    if arguments == ["--version"]:
        from agentick_tui.cli.listings import show_version

        return show_version()
    if arguments or "_AGENTICK_COMPLETE" in os.environ:
        from agentick_tui.cli.program import run_program

        return run_program(arguments)
    from agentick_tui.cli.chat import open_chat
    from agentick_tui.cli.flags import Flags

    return open_chat(Flags())

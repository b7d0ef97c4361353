"""The process's own streams: the answer goes to stdout, all else to stderr; either may be closed."""

import os
import stat
import sys
from typing import TextIO

from agentick_core.errors import AgentickError


class OutputError(AgentickError):
    """stdout takes nothing any more: it is closed, or the disk behind it is full."""

    title = "Cannot write the output"
    code = "OUTPUT_ERROR"


def soften() -> None:
    """Let the streams replace what their encoding cannot hold, rather than fail on it."""
    for stream in (_open_stream("stdout"), _open_stream("stderr")):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def write_out(text: str) -> None:
    """Write to stdout at once; a reader that is gone raises `BrokenPipeError`, all else `OutputError`."""
    stream = _open_stream("stdout")
    if stream is None:
        raise OutputError("stdout is closed", hint="Run it with stdout open, or redirect it to a file.")
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise OutputError(f"Cannot write the output: {error}") from error


def say(text: str) -> None:
    """Write a line to stderr; where that is closed nobody listens, and nothing is lost."""
    say_without_end(text + "\n")


def say_without_end(text: str) -> None:
    """Write to stderr and stay on the line, for a question."""
    stream = _open_stream("stderr")
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        return


def say_error(error: AgentickError) -> None:
    """Write what failed and what to do next to stderr."""
    from agentick_tui.sanitize import flow

    say(f"agentick: {flow(error.message)}")
    if error.hint:
        say(f"  {flow(error.hint)}")


def out_is_terminal() -> bool:
    """Tell whether a person reads stdout."""
    stream = _open_stream("stdout")
    return stream is not None and stream.isatty()


def in_is_terminal() -> bool:
    """Tell whether a person can type."""
    return _is_terminal(0)


def err_is_terminal() -> bool:
    """Tell whether there is a screen to draw on: Textual draws on stderr."""
    return _is_terminal(2)


def in_has_text() -> bool:
    """Tell whether stdin is a pipe, a socket or a file: something that ends, and not a person."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode)


def read_in() -> str | None:
    """Read stdin to its end as UTF-8; None where it is closed."""
    try:
        os.fstat(0)
        with open(0, "rb", closefd=False) as stream:
            return stream.read().decode("utf-8", errors="replace")
    except OSError:
        return None


def forget_out() -> None:
    """Point stdout at nothing, so that the interpreter does not complain of it when it leaves."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _open_stream(name: str) -> TextIO | None:
    """Give the stream, None where whoever started the process had closed it."""
    stream: TextIO | None = getattr(sys, name)
    return None if stream is None or stream.closed else stream

"""The log that `--debug` writes: the whole story of each failure, for its owner's eyes alone."""

from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

from agentick_tui.paths import PlaceError, make_private_file
from agentick_tui.streams import say


def write_failure(error: BaseException, log: Path) -> None:
    """Append the error with its traceback to the log, and say where that is."""
    story = "".join(format_exception(error))
    try:
        make_private_file(log)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{datetime.now(UTC).isoformat()}\n{story}\n")
    except (PlaceError, OSError) as problem:
        say(f"  The details could not be written: {problem}")
    else:
        say(f"  The details are in {log}")

"""The last line of the program: every failure becomes a message and an exit code, never a traceback."""

from collections.abc import Callable

from agentick_core.errors import AgentickError
from agentick_tui.engine.exit_codes import ExitCode, exit_code_for
from agentick_tui.streams import forget_out, say_error, soften


def guarded(work: Callable[[], int], *, debug: bool = False) -> int:
    """Do the work and give its exit code; a failure is said on stderr, and with `debug` written to the log."""
    soften()
    try:
        return work()
    except SystemExit as leaving:
        # Typer leaves this way, and has said its usage errors already
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BrokenPipeError:
        forget_out()
        return ExitCode.ERROR
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    # Even what an app raises to end the program: the user gets a sentence and a place to look, no traceback.
    except BaseException as error:
        say_failure(error, debug=debug)
        return exit_code_for(error)


def say_failure(error: BaseException, *, debug: bool) -> None:
    """Say what failed and what to do next, and with `debug` write the traceback to the log."""
    say_error(_explained(error, debug=debug))
    if debug:
        from agentick_tui.failure_log import write_failure
        from agentick_tui.paths import find_places

        write_failure(error, find_places().log)


def _explained(error: BaseException, *, debug: bool) -> AgentickError:
    match error:
        case AgentickError():
            return error
        case OSError(strerror=str() as reason):
            return AgentickError(f"{reason} ({error.filename})" if error.filename else reason)
        case _:
            hint = "" if debug else "Run it again with --debug to write the details to a log."
            return AgentickError(f"something went wrong inside: {type(error).__name__}: {error}", hint=hint)

"""The exit codes of the command line, and which failure gives which."""

from enum import IntEnum

from agentick_core.errors import (
    AbortError,
    AgentickError,
    LimitError,
    ModelNotFoundError,
    NoModelError,
    NotFoundError,
    ValidationError,
)


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    REFUSED = 3
    LIMIT = 4
    INTERRUPTED = 130
    TERMINATED = 143


class UsageError(AgentickError):
    """The command line asks for something that does not go; the message says what."""

    title = "Wrong use"
    code = "USAGE"


def exit_code_for(error: BaseException) -> ExitCode:
    """Give the exit code of a failure."""
    match error:
        case UsageError() | NotFoundError() | ValidationError() | ModelNotFoundError() | NoModelError():
            return ExitCode.USAGE
        case LimitError():
            return ExitCode.LIMIT
        case AbortError(code="ABORT_TIMEOUT"):
            return ExitCode.LIMIT
        case AbortError() | KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.ERROR

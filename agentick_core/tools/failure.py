"""What went wrong in a call, as a result that the model can read."""

import json
import socket
from collections.abc import Mapping
from typing import Final

from agentick_core.errors import (
    AbortError,
    AgentickError,
    AuthenticationError,
    ConnectionFailedError,
    GuardError,
    PermissionDeniedError,
    ProviderTimeoutError,
    RateLimitError,
    ToolDenied,
    ToolError,
    ValidationError,
)
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.tool import ToolCall, ToolFailure, ToolResult

DENIED: Final = "Tool execution was denied by user."
NOT_FOUND: Final = "TOOL_NOT_FOUND"
NO_HANDLER: Final = "TOOL_NO_HANDLER"
_LONGEST: Final = 10_000

# The kinds of errors a model may act on; the first that fits counts.
_KINDS: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((GuardError,), "GUARD_DENIED"),
    ((RateLimitError,), "RATE_LIMIT_ERROR"),
    ((AuthenticationError, PermissionDeniedError), "AUTH_ERROR"),
    ((TimeoutError, ProviderTimeoutError), "TIMEOUT_ERROR"),
    ((ConnectionError, ConnectionFailedError, socket.gaierror), "NETWORK_ERROR"),
    ((ValidationError,), "VALIDATION_ERROR"),
)

# What HTTP clients raise, of which none is imported here: by the answer's status, else by the name of a class.
_STATUSES: Final[Mapping[object, str]] = {
    401: "AUTH_ERROR",
    403: "AUTH_ERROR",
    408: "TIMEOUT_ERROR",
    429: "RATE_LIMIT_ERROR",
    504: "TIMEOUT_ERROR",
}
_NAMES: Final[Mapping[str, str]] = {
    "Timeout": "TIMEOUT_ERROR",
    "TimeoutException": "TIMEOUT_ERROR",
    "ConnectionError": "NETWORK_ERROR",
    "ClientConnectionError": "NETWORK_ERROR",
    "NetworkError": "NETWORK_ERROR",
    "URLError": "NETWORK_ERROR",
}


def classify(error: BaseException) -> str:
    """Give the kind of an error as the model reads it, such as "VALIDATION_ERROR"."""
    if isinstance(error, AbortError):
        return "TIMEOUT_ERROR" if error.code == "ABORT_TIMEOUT" else "ABORT_ERROR"
    if isinstance(error, ToolError) and error.code != ToolError.code:
        return error.code
    kind = next((kind for errors, kind in _KINDS if isinstance(error, errors)), None)
    return (
        kind
        or _of_client(error)
        or ("APPLICATION_ERROR" if isinstance(error, Exception) else "UNKNOWN_ERROR")
    )


def _of_client(error: BaseException) -> str | None:
    status = _status(error)
    if isinstance(status, int):
        return _STATUSES.get(status)
    names = (each.__name__ for each in type(error).__mro__)
    return next((_NAMES[name] for name in names if name in _NAMES), None)


def _status(error: BaseException) -> object:
    try:
        answer = getattr(error, "response", error)
        return getattr(answer, "status_code", None) or getattr(answer, "status", None)
    # An error is the user's too, and what it has by that name may do anything.
    except Exception:
        return None


def failure_of(error: BaseException) -> ToolFailure:
    """Describe an error: its text, its kind, and its details as plain data unless they are too long to read."""
    details: dict[str, object] = {"name": type(error).__name__}
    code = getattr(error, "code", None)
    if isinstance(code, str | int):
        details["code"] = code
    if isinstance(error, AgentickError) and _is_short(error.details):
        details |= error.details
    if isinstance(error, AbortError) and error.reason:
        details["reason"] = error.reason
    text = _text(error)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} [{len(text) - _LONGEST:,} characters are left out]"
    return ToolFailure(text, classify(error), details)


def _is_short(details: Mapping[str, object]) -> bool:
    # Wrong arguments come with a detail for each, and a model may send any number of them.
    try:
        return len(json.dumps(details, default=str)) <= _LONGEST
    except (TypeError, ValueError, RecursionError):
        return False


def _text(error: BaseException) -> str:
    try:
        return str(error) or type(error).__name__
    # An error is the user's too, and one that cannot say what it is has at least a name.
    except Exception:
        return type(error).__name__


def failed(call: ToolCall, error: BaseException) -> ToolResult:
    """Give the result of a call that failed with this error."""
    failure = failure_of(error)
    if isinstance(error, ToolDenied):
        text = failure.error
    else:
        told = {"error": failure.error, "error_type": failure.error_type, "error_details": failure.details}
        text = json.dumps(told, ensure_ascii=False, default=str)
    return ToolResult(call.call_id, call.name, (TextBlock(text),), failure)


def denied(reason: str | None) -> ToolDenied:
    """Make the error of a call that a person refused; the model reads the reason."""
    return ToolDenied(f"{DENIED} Reason: {reason}" if reason else DENIED, reason=reason)

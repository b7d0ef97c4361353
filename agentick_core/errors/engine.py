"""The errors of the engine: of sessions, tools, components and stores."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

AbortCode = Literal["ABORT_CANCELLED", "ABORT_TIMEOUT", "ABORT_SIGNAL"]


class AgentickError(Exception):
    """The base of every error here: a message, a code, and what to do next.

    `title` names the kind of failure in a few words and `hint` says what the reader can do; both are made
    to be shown on a screen, and a traceback ends with the hint. `details` is plain data. `own_fields` names the
    fields of a class as JSON has them; each is declared in the class, with its default.
    """

    title: ClassVar[str] = "Something went wrong"
    own_fields: ClassVar[Mapping[str, str]] = {}
    code: str = "AGENTICK_ERROR"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(hint)
        self.details: Mapping[str, Any] = dict(details or {})
        if code is not None:
            self.code = code

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON, without secrets: name, code, message, and where there are any hint, details, the
        class's own fields and the cause."""
        from agentick_core.errors.as_json import error_to_json

        return error_to_json(self)

    @staticmethod
    def from_json(data: object) -> "AgentickError":
        """Read what `to_json` has written: the error is of the class of that name, else of the nearest by its code.

        Raises:
            ValidationError: it is not an error; the message names the path.
        """
        from agentick_core.errors.as_json import error_from_json

        return error_from_json(data)


class StateError(AgentickError):
    """The call does not fit the state the object is in."""

    title = "Not possible now"
    code = "STATE_ERROR"


class SessionClosedError(StateError):
    """The session was closed; nothing can be sent to it any more."""

    title = "Session is closed"
    code = "SESSION_CLOSED"

    def __init__(self, message: str = "Session is closed", *, hint: str = "Open it again by its id.") -> None:
        super().__init__(message, hint=hint)


class SessionInUseError(StateError):
    """Another process is writing this session."""

    title = "Session is in use"
    code = "SESSION_IN_USE"


class NoRunningLoopError(StateError):
    """A procedure was called where no event loop runs."""

    title = "No event loop"
    code = "NO_RUNNING_LOOP"


class AbortError(AgentickError):
    """The work was stopped on purpose; `reason` is what the caller gave, `code` says by which way.

    `partial` is the text that the model had streamed before.
    """

    title = "Stopped"
    own_fields: ClassVar[Mapping[str, str]] = {"reason": "reason", "partial": "partial"}
    code = "ABORT_CANCELLED"
    reason: str | None = None
    partial: str = ""

    def __init__(
        self,
        message: str = "Execution aborted",
        *,
        code: AbortCode = "ABORT_CANCELLED",
        reason: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.reason = reason


class NotFoundError(AgentickError):
    """There is nothing of that name."""

    title = "Not found"
    code = "NOT_FOUND"


class ValidationError(AgentickError):
    """A value has the wrong shape; the message says where and why."""

    title = "Wrong input"
    code = "VALIDATION_ERROR"


class ToolInputError(ValidationError):
    """The arguments of a tool call do not fit the tool's schema."""

    title = "Wrong arguments"


class PropsError(ValidationError):
    """The props of a component do not fit its signature."""

    title = "Wrong props"


class OutputError(ValidationError):
    """The model's structured output does not fit the output type."""

    title = "Wrong output"


class ToolError(AgentickError):
    """A tool could not do its work."""

    title = "The tool failed"
    code = "TOOL_ERROR"


class ToolResultError(ToolError):
    """A tool returned something that is not a result."""

    code = "INVALID_RETURN_TYPE"


class ToolDenied(ToolError):
    """A person refused the call; `reason` is what they said."""

    title = "Refused"
    own_fields: ClassVar[Mapping[str, str]] = {"reason": "reason"}
    code = "TOOL_DENIED"
    reason: str | None = None

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class GuardError(AgentickError):
    """A guard refused the call; `reason` is why, and `guard_type` which kind of guard it was."""

    title = "Refused by a guard"
    own_fields: ClassVar[Mapping[str, str]] = {"reason": "reason", "guardType": "guard_type"}
    code = "GUARD_DENIED"
    reason: str | None = None
    guard_type: str = "custom"

    def __init__(self, message: str, *, reason: str | None = None, guard_type: str = "custom") -> None:
        known = {"reason": reason} if reason else {}
        super().__init__(message, details={"guard_type": guard_type, **known})
        self.reason = reason
        self.guard_type = guard_type

    @classmethod
    def role(cls, *roles: str) -> "GuardError":
        """Make the error of a call that only these roles may make."""
        reason = f"one of these roles is needed: {', '.join(roles)}"
        return cls(f"Denied: {reason}", reason=reason, guard_type="role")


class LimitError(AgentickError):
    """A limit on ticks, tokens, cost or time was reached."""

    title = "Limit reached"
    code = "LIMIT"


class SpawnDepthError(AgentickError):
    """Children were spawned too deep."""

    title = "Too deep"
    code = "SPAWN_DEPTH"


class NoModelError(AgentickError):
    """No model is configured for this execution."""

    title = "No model"
    code = "NO_MODEL"

    def __init__(self) -> None:
        super().__init__(
            "No model configured. Add a Model component or pass model in options.",
            hint="create_app(agent, model=...), or yield Model(...) in the tree.",
        )


class ComponentError(AgentickError):
    """A component raised while it rendered; `stack` names the components, outermost first."""

    title = "A component failed"
    own_fields: ClassVar[Mapping[str, str]] = {"stack": "stack"}
    code = "COMPONENT_ERROR"
    stack: tuple[str, ...] = ()

    def __init__(self, message: str, *, stack: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.stack = stack


class HookOrderError(AgentickError):
    """Hooks were called in another order than in the render before; the message names both lines."""

    title = "Hooks out of order"
    code = "HOOK_ORDER"


class HookOutsideRenderError(AgentickError):
    """A hook was called while no component's body was running."""

    title = "Hook outside a component"
    code = "HOOK_OUTSIDE_RENDER"


class ContextError(AgentickError):
    """There is no ambient context here."""

    title = "No context"
    code = "CONTEXT_NOT_FOUND"


class StorageError(AgentickError):
    """The store could not read or write."""

    title = "Storage failed"
    code = "STORAGE_ERROR"


class StoreDamagedError(StorageError):
    """The stored data cannot be read."""

    title = "The store is damaged"
    code = "STORE_DAMAGED"


class StoreFullError(StorageError):
    """There is no space left where the store lies."""

    title = "The disk is full"
    code = "STORE_FULL"


class StoreVersionError(StorageError):
    """The stored data was written by a newer version."""

    title = "The store is newer than this program"
    code = "STORE_VERSION"


class WireError(AgentickError):
    """JSON does not describe one of our values."""

    title = "Unreadable data"
    code = "WIRE_ERROR"


class UnusedNodeWarning(UserWarning):
    """A component made a node in its body and did not yield it."""

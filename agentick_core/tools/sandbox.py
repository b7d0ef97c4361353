"""The error of a tool that leaves its sandbox, with the way to let it."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from agentick_core.errors import ToolError


class SandboxAccessError(ToolError):
    """A tool touched a path outside its sandbox.

    `mode` is what it wanted, such as "read" or "write". `recover(always)` opens the sandbox for the path, and may
    give a function that closes it again; both may be async. With it a person is asked, and the tool tried once
    more.
    """

    title = "Outside the sandbox"
    own_fields: ClassVar[Mapping[str, str]] = {
        "requestedPath": "requested_path",
        "resolvedPath": "resolved_path",
        "mode": "mode",
    }
    code = "SANDBOX_ACCESS"
    requested_path: str = ""
    resolved_path: str = ""
    mode: str = "read"
    recover: Callable[[bool], Any] | None = None

    def __init__(
        self,
        message: str,
        *,
        requested_path: str,
        resolved_path: str | None = None,
        mode: str = "read",
        recover: Callable[[bool], Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.requested_path = requested_path
        self.resolved_path = resolved_path or requested_path
        self.mode = mode
        self.recover = recover

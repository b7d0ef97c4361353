"""Execution runners: what stands between a session and its model, tools and store."""

from agentick_core.messages.request import ModelRequest
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.runners.runner import ExecutionRunner, SessionRef
from agentick_core.tools.host import RunOn

__all__ = [
    "ExecutionRunner",
    "ModelRequest",
    "RunOn",
    "SessionRef",
    "SessionSnapshot",
    "ToolCall",
    "ToolResult",
]

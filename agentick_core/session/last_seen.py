"""What the last tick left, for whoever looks at the session afterwards."""

from dataclasses import dataclass

from agentick_core.messages.result import RawOutput
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.session.inspection import ModelOutput


@dataclass(slots=True)
class LastSeen:
    """What the last tick left, for inspection."""

    output: RawOutput | None = None
    model_output: ModelOutput | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    forced_stable: tuple[str, ...] = ()

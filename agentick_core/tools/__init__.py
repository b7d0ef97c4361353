"""Tools: what a model or a person can call, from the decorator to the result. Names are loaded when first used."""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.messages.tool import Audience as Audience
    from agentick_core.messages.tool import Effect as Effect
    from agentick_core.messages.tool import Intent as Intent
    from agentick_core.messages.tool import ToolCall as ToolCall
    from agentick_core.messages.tool import ToolDefinition as ToolDefinition
    from agentick_core.messages.tool import ToolFailure as ToolFailure
    from agentick_core.messages.tool import ToolResult as ToolResult
    from agentick_core.messages.tool import ToolType as ToolType
    from agentick_core.tools.confirm import AllowRule as AllowRule
    from agentick_core.tools.confirm import ConfirmationRequest as ConfirmationRequest
    from agentick_core.tools.confirm import Decision as Decision
    from agentick_core.tools.context import ToolContext as ToolContext
    from agentick_core.tools.host import Ask as Ask
    from agentick_core.tools.options import ToolOptions as ToolOptions
    from agentick_core.tools.sandbox import SandboxAccessError as SandboxAccessError
    from agentick_core.tools.tool import Tool as Tool

_HOMES = {
    "AllowRule": "agentick_core.tools.confirm",
    "Ask": "agentick_core.tools.host",
    "Audience": "agentick_core.messages.tool",
    "ConfirmationRequest": "agentick_core.tools.confirm",
    "Decision": "agentick_core.tools.confirm",
    "Effect": "agentick_core.messages.tool",
    "Intent": "agentick_core.messages.tool",
    "SandboxAccessError": "agentick_core.tools.sandbox",
    "Tool": "agentick_core.tools.tool",
    "ToolCall": "agentick_core.messages.tool",
    "ToolContext": "agentick_core.tools.context",
    "ToolDefinition": "agentick_core.messages.tool",
    "ToolFailure": "agentick_core.messages.tool",
    "ToolOptions": "agentick_core.tools.options",
    "ToolResult": "agentick_core.messages.tool",
    "ToolType": "agentick_core.messages.tool",
}

__all__ = [
    "AllowRule",
    "Ask",
    "Audience",
    "ConfirmationRequest",
    "Decision",
    "Effect",
    "Intent",
    "SandboxAccessError",
    "Tool",
    "ToolCall",
    "ToolContext",
    "ToolDefinition",
    "ToolFailure",
    "ToolOptions",
    "ToolResult",
    "ToolType",
]

__getattr__ = loaded_when_used(__name__, _HOMES)

"""What is said: blocks, messages, timeline entries, usage, requests and results, as plain frozen data.

Names are loaded when first used.
"""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.messages.compiled import CompiledEphemeral as CompiledEphemeral
    from agentick_core.messages.compiled import CompiledSection as CompiledSection
    from agentick_core.messages.compiled import RawCompiled as RawCompiled
    from agentick_core.messages.context_info import ContextInfo as ContextInfo
    from agentick_core.messages.message import AssistantMessage as AssistantMessage
    from agentick_core.messages.message import EventMessage as EventMessage
    from agentick_core.messages.message import Message as Message
    from agentick_core.messages.message import Role as Role
    from agentick_core.messages.message import StopReason as StopReason
    from agentick_core.messages.message import SystemMessage as SystemMessage
    from agentick_core.messages.message import ToolMessage as ToolMessage
    from agentick_core.messages.message import UserMessage as UserMessage
    from agentick_core.messages.request import ModelOptions as ModelOptions
    from agentick_core.messages.request import ModelRequest as ModelRequest
    from agentick_core.messages.request import ResponseFormat as ResponseFormat
    from agentick_core.messages.result import RawOutput as RawOutput
    from agentick_core.messages.result import SendResult as SendResult
    from agentick_core.messages.snapshot import ForkPoint as ForkPoint
    from agentick_core.messages.snapshot import OpenExecution as OpenExecution
    from agentick_core.messages.snapshot import QueuedMessage as QueuedMessage
    from agentick_core.messages.snapshot import SessionSnapshot as SessionSnapshot
    from agentick_core.messages.timeline import TimelineEntry as TimelineEntry
    from agentick_core.messages.tool import Audience as Audience
    from agentick_core.messages.tool import Effect as Effect
    from agentick_core.messages.tool import Intent as Intent
    from agentick_core.messages.tool import ToolCall as ToolCall
    from agentick_core.messages.tool import ToolDefinition as ToolDefinition
    from agentick_core.messages.tool import ToolFailure as ToolFailure
    from agentick_core.messages.tool import ToolResult as ToolResult
    from agentick_core.messages.tool import ToolType as ToolType
    from agentick_core.messages.usage import Usage as Usage

_HOMES = {
    "AssistantMessage": "agentick_core.messages.message",
    "Audience": "agentick_core.messages.tool",
    "CompiledEphemeral": "agentick_core.messages.compiled",
    "CompiledSection": "agentick_core.messages.compiled",
    "ContextInfo": "agentick_core.messages.context_info",
    "Effect": "agentick_core.messages.tool",
    "EventMessage": "agentick_core.messages.message",
    "ForkPoint": "agentick_core.messages.snapshot",
    "Intent": "agentick_core.messages.tool",
    "Message": "agentick_core.messages.message",
    "ModelOptions": "agentick_core.messages.request",
    "ModelRequest": "agentick_core.messages.request",
    "OpenExecution": "agentick_core.messages.snapshot",
    "QueuedMessage": "agentick_core.messages.snapshot",
    "RawCompiled": "agentick_core.messages.compiled",
    "RawOutput": "agentick_core.messages.result",
    "ResponseFormat": "agentick_core.messages.request",
    "Role": "agentick_core.messages.message",
    "SendResult": "agentick_core.messages.result",
    "SessionSnapshot": "agentick_core.messages.snapshot",
    "StopReason": "agentick_core.messages.message",
    "SystemMessage": "agentick_core.messages.message",
    "TimelineEntry": "agentick_core.messages.timeline",
    "ToolCall": "agentick_core.messages.tool",
    "ToolDefinition": "agentick_core.messages.tool",
    "ToolFailure": "agentick_core.messages.tool",
    "ToolMessage": "agentick_core.messages.message",
    "ToolResult": "agentick_core.messages.tool",
    "ToolType": "agentick_core.messages.tool",
    "Usage": "agentick_core.messages.usage",
    "UserMessage": "agentick_core.messages.message",
}

__all__ = [
    "AssistantMessage",
    "Audience",
    "CompiledEphemeral",
    "CompiledSection",
    "ContextInfo",
    "Effect",
    "EventMessage",
    "ForkPoint",
    "Intent",
    "Message",
    "ModelOptions",
    "ModelRequest",
    "OpenExecution",
    "QueuedMessage",
    "RawCompiled",
    "RawOutput",
    "ResponseFormat",
    "Role",
    "SendResult",
    "SessionSnapshot",
    "StopReason",
    "SystemMessage",
    "TimelineEntry",
    "ToolCall",
    "ToolDefinition",
    "ToolFailure",
    "ToolMessage",
    "ToolResult",
    "ToolType",
    "Usage",
    "UserMessage",
]

__getattr__ = loaded_when_used(__name__, _HOMES)

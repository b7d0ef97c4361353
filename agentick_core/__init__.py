"""agentick_core: an agent engine whose context window is a component tree. Names are loaded when first used."""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.components.complete import Complete as Complete
    from agentick_core.components.content import Code as Code
    from agentick_core.components.content import Document as Document
    from agentick_core.components.content import Image as Image
    from agentick_core.components.content import Json as Json
    from agentick_core.components.content import Text as Text
    from agentick_core.components.knobs import Knobs as Knobs
    from agentick_core.components.model import Model as Model
    from agentick_core.components.structure import Assistant as Assistant
    from agentick_core.components.structure import Ephemeral as Ephemeral
    from agentick_core.components.structure import Event as Event
    from agentick_core.components.structure import Grounding as Grounding
    from agentick_core.components.structure import Section as Section
    from agentick_core.components.structure import System as System
    from agentick_core.components.structure import User as User
    from agentick_core.components.timeline import Timeline as Timeline
    from agentick_core.errors import AbortError as AbortError
    from agentick_core.errors import AgentickError as AgentickError
    from agentick_core.errors import ProviderError as ProviderError
    from agentick_core.errors import SessionClosedError as SessionClosedError
    from agentick_core.events.model import ContentDelta as ContentDelta
    from agentick_core.events.model import ReasoningDelta as ReasoningDelta
    from agentick_core.events.model import ToolCallEvent as ToolCallEvent
    from agentick_core.events.orchestration import ExecutionEnd as ExecutionEnd
    from agentick_core.events.orchestration import ResultEvent as ResultEvent
    from agentick_core.events.orchestration import ToolConfirmationRequired as ToolConfirmationRequired
    from agentick_core.events.orchestration import ToolResultEvent as ToolResultEvent
    from agentick_core.events.union import StreamEvent as StreamEvent
    from agentick_core.hooks.context import use_context as use_context
    from agentick_core.hooks.context import use_session as use_session
    from agentick_core.hooks.continuation import use_continuation as use_continuation
    from agentick_core.hooks.continuation import use_on_tick_end as use_on_tick_end
    from agentick_core.hooks.effect import use_effect as use_effect
    from agentick_core.hooks.knob import use_knob as use_knob
    from agentick_core.hooks.lifecycle import use_after_compile as use_after_compile
    from agentick_core.hooks.lifecycle import use_on_execution_end as use_on_execution_end
    from agentick_core.hooks.lifecycle import use_on_execution_start as use_on_execution_start
    from agentick_core.hooks.lifecycle import use_on_message as use_on_message
    from agentick_core.hooks.lifecycle import use_on_mount as use_on_mount
    from agentick_core.hooks.lifecycle import use_on_tick_start as use_on_tick_start
    from agentick_core.hooks.lifecycle import use_on_unmount as use_on_unmount
    from agentick_core.hooks.memo import use_memo as use_memo
    from agentick_core.hooks.session_state import use_session_state as use_session_state
    from agentick_core.hooks.state import use_ref as use_ref
    from agentick_core.hooks.state import use_state as use_state
    from agentick_core.hooks.timeline import use_queued_messages as use_queued_messages
    from agentick_core.hooks.timeline import use_tick_state as use_tick_state
    from agentick_core.hooks.timeline import use_timeline as use_timeline
    from agentick_core.messages.blocks import TextBlock as TextBlock
    from agentick_core.messages.message import AssistantMessage as AssistantMessage
    from agentick_core.messages.message import UserMessage as UserMessage
    from agentick_core.messages.result import SendResult as SendResult
    from agentick_core.models.anthropic.model import anthropic as anthropic
    from agentick_core.models.offline.model import offline as offline
    from agentick_core.models.openai.model import openai as openai
    from agentick_core.procedures.procedure import create_procedure as create_procedure
    from agentick_core.procedures.token import CancelToken as CancelToken
    from agentick_core.session.app.agent_config import AgentConfig as AgentConfig
    from agentick_core.session.app.app import App as App
    from agentick_core.session.app.create import create_app as create_app
    from agentick_core.session.app.create import run as run
    from agentick_core.session.execution.limits import Limits as Limits
    from agentick_core.session.session import Session as Session
    from agentick_core.tools.confirm import AllowRule as AllowRule
    from agentick_core.tools.confirm import Decision as Decision
    from agentick_core.tools.context import ToolContext as ToolContext
    from agentick_core.tools.tool import Tool as Tool
    from agentick_core.tools.tool import create_tool as create_tool
    from agentick_core.tools.tool import tool as tool
    from agentick_core.tree.boundary import ErrorBoundary as ErrorBoundary
    from agentick_core.tree.context import create_context as create_context
    from agentick_core.tree.element import Component as Component
    from agentick_core.tree.element import Element as Element
    from agentick_core.tree.element import component as component
    from agentick_core.tree.node import Child as Child
    from agentick_core.tree.node import Nodes as Nodes
    from agentick_core.tree.tick_state import Continue as Continue
    from agentick_core.tree.tick_state import Stop as Stop
    from agentick_core.tree.tick_state import TickResult as TickResult
    from agentick_core.tree.tick_state import Verdict as Verdict

_HOMES = {
    "AbortError": "agentick_core.errors",
    "AgentickError": "agentick_core.errors",
    "AgentConfig": "agentick_core.session.app.agent_config",
    "AllowRule": "agentick_core.tools.confirm",
    "App": "agentick_core.session.app.app",
    "Assistant": "agentick_core.components.structure",
    "AssistantMessage": "agentick_core.messages.message",
    "CancelToken": "agentick_core.procedures.token",
    "Child": "agentick_core.tree.node",
    "Code": "agentick_core.components.content",
    "Complete": "agentick_core.components.complete",
    "Component": "agentick_core.tree.element",
    "ContentDelta": "agentick_core.events.model",
    "Continue": "agentick_core.tree.tick_state",
    "Decision": "agentick_core.tools.confirm",
    "Document": "agentick_core.components.content",
    "Element": "agentick_core.tree.element",
    "Ephemeral": "agentick_core.components.structure",
    "ErrorBoundary": "agentick_core.tree.boundary",
    "Event": "agentick_core.components.structure",
    "ExecutionEnd": "agentick_core.events.orchestration",
    "Grounding": "agentick_core.components.structure",
    "Image": "agentick_core.components.content",
    "Json": "agentick_core.components.content",
    "Knobs": "agentick_core.components.knobs",
    "Limits": "agentick_core.session.execution.limits",
    "Model": "agentick_core.components.model",
    "Nodes": "agentick_core.tree.node",
    "ProviderError": "agentick_core.errors",
    "ReasoningDelta": "agentick_core.events.model",
    "ResultEvent": "agentick_core.events.orchestration",
    "Section": "agentick_core.components.structure",
    "SendResult": "agentick_core.messages.result",
    "Session": "agentick_core.session.session",
    "SessionClosedError": "agentick_core.errors",
    "Stop": "agentick_core.tree.tick_state",
    "StreamEvent": "agentick_core.events.union",
    "System": "agentick_core.components.structure",
    "Text": "agentick_core.components.content",
    "TextBlock": "agentick_core.messages.blocks",
    "TickResult": "agentick_core.tree.tick_state",
    "Timeline": "agentick_core.components.timeline",
    "Tool": "agentick_core.tools.tool",
    "ToolCallEvent": "agentick_core.events.model",
    "ToolConfirmationRequired": "agentick_core.events.orchestration",
    "ToolContext": "agentick_core.tools.context",
    "ToolResultEvent": "agentick_core.events.orchestration",
    "User": "agentick_core.components.structure",
    "UserMessage": "agentick_core.messages.message",
    "Verdict": "agentick_core.tree.tick_state",
    "anthropic": "agentick_core.models.anthropic.model",
    "component": "agentick_core.tree.element",
    "create_app": "agentick_core.session.app.create",
    "create_context": "agentick_core.tree.context",
    "create_procedure": "agentick_core.procedures.procedure",
    "create_tool": "agentick_core.tools.tool",
    "offline": "agentick_core.models.offline.model",
    "openai": "agentick_core.models.openai.model",
    "run": "agentick_core.session.app.create",
    "tool": "agentick_core.tools.tool",
    "use_after_compile": "agentick_core.hooks.lifecycle",
    "use_context": "agentick_core.hooks.context",
    "use_continuation": "agentick_core.hooks.continuation",
    "use_effect": "agentick_core.hooks.effect",
    "use_knob": "agentick_core.hooks.knob",
    "use_memo": "agentick_core.hooks.memo",
    "use_on_execution_end": "agentick_core.hooks.lifecycle",
    "use_on_execution_start": "agentick_core.hooks.lifecycle",
    "use_on_message": "agentick_core.hooks.lifecycle",
    "use_on_mount": "agentick_core.hooks.lifecycle",
    "use_on_tick_end": "agentick_core.hooks.continuation",
    "use_on_tick_start": "agentick_core.hooks.lifecycle",
    "use_on_unmount": "agentick_core.hooks.lifecycle",
    "use_queued_messages": "agentick_core.hooks.timeline",
    "use_ref": "agentick_core.hooks.state",
    "use_session": "agentick_core.hooks.context",
    "use_session_state": "agentick_core.hooks.session_state",
    "use_state": "agentick_core.hooks.state",
    "use_tick_state": "agentick_core.hooks.timeline",
    "use_timeline": "agentick_core.hooks.timeline",
}

__all__ = [
    "AbortError",
    "AgentConfig",
    "AgentickError",
    "AllowRule",
    "App",
    "Assistant",
    "AssistantMessage",
    "CancelToken",
    "Child",
    "Code",
    "Complete",
    "Component",
    "ContentDelta",
    "Continue",
    "Decision",
    "Document",
    "Element",
    "Ephemeral",
    "ErrorBoundary",
    "Event",
    "ExecutionEnd",
    "Grounding",
    "Image",
    "Json",
    "Knobs",
    "Limits",
    "Model",
    "Nodes",
    "ProviderError",
    "ReasoningDelta",
    "ResultEvent",
    "Section",
    "SendResult",
    "Session",
    "SessionClosedError",
    "Stop",
    "StreamEvent",
    "System",
    "Text",
    "TextBlock",
    "TickResult",
    "Timeline",
    "Tool",
    "ToolCallEvent",
    "ToolConfirmationRequired",
    "ToolContext",
    "ToolResultEvent",
    "User",
    "UserMessage",
    "Verdict",
    "anthropic",
    "component",
    "create_app",
    "create_context",
    "create_procedure",
    "create_tool",
    "offline",
    "openai",
    "run",
    "tool",
    "use_after_compile",
    "use_context",
    "use_continuation",
    "use_effect",
    "use_knob",
    "use_memo",
    "use_on_execution_end",
    "use_on_execution_start",
    "use_on_message",
    "use_on_mount",
    "use_on_tick_end",
    "use_on_tick_start",
    "use_on_unmount",
    "use_queued_messages",
    "use_ref",
    "use_session",
    "use_session_state",
    "use_state",
    "use_tick_state",
    "use_timeline",
]

__getattr__ = loaded_when_used(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__

"""What users test their agents with."""

from agentick_core.testing.compile import CompiledAgent, RenderedAgent, compile_agent, render_agent
from agentick_core.testing.function_model import FunctionModel
from agentick_core.testing.scripted import (
    Reply,
    ScriptedModel,
    UnexpectedCallError,
    UnusedStepsError,
    call,
    reply,
)

__all__ = [
    "CompiledAgent",
    "FunctionModel",
    "RenderedAgent",
    "Reply",
    "ScriptedModel",
    "UnexpectedCallError",
    "UnusedStepsError",
    "call",
    "compile_agent",
    "render_agent",
    "reply",
]

"""What users test their agents with."""

from agentick_core.messages.request import ModelRequest
from agentick_core.testing.compile import CompiledAgent, RenderedAgent, compile_agent, render_agent
from agentick_core.testing.function_model import FunctionModel
from agentick_core.testing.prefix import assert_prefix_kept, prefix_length
from agentick_core.testing.runner import RunnerCall, TrackedRunner
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
    "ModelRequest",
    "RenderedAgent",
    "Reply",
    "RunnerCall",
    "ScriptedModel",
    "TrackedRunner",
    "UnexpectedCallError",
    "UnusedStepsError",
    "assert_prefix_kept",
    "call",
    "compile_agent",
    "prefix_length",
    "render_agent",
    "reply",
]

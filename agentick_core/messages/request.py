"""What is sent to a model: the one form that every adapter translates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.tool import ToolDefinition

CONTEXT_MARK = "[Context]"
"""What a message begins with that is context and not part of the conversation: it is made anew for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFormat:
    """The form the answer must have; `schema` is a JSON schema for the type "json_schema"."""

    type: Literal["text", "json", "json_schema"] = "text"
    schema: Mapping[str, Any] | None = None
    name: str = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """How the model is asked to answer; None leaves it to the provider."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] = ()
    response_format: ResponseFormat | None = None
    provider_options: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One request to a model.

    `system` are the system texts in order, `messages` the conversation (roles user, assistant, tool and event),
    `tools` the tools offered, sorted by name, and `sections` the text of each section by id, for tests and
    for DevTools: it is contained in `system` or in the last messages already.
    """

    system: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    options: ModelOptions = field(default_factory=ModelOptions)
    sections: Mapping[str, str] = field(default_factory=no_metadata)
    estimated_tokens: int = 0

"""A timeline entry: one message as the session keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a session's history.

    `tags` are among "user_input", "model_output", "tool_output" and "interrupted"; `tokens` is the entry's
    size where it is known; `created_at` is in seconds since 1970.
    """

    kind: ClassVar[str] = "message"
    id: str
    message: Message
    tags: tuple[str, ...] = ()
    tokens: int | None = None
    created_at: float = 0.0
    execution_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)

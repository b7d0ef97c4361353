"""An entry on its way into the timeline."""

from dataclasses import dataclass, field
from typing import Any

from agentick_core.messages.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry that is to be committed."""

    message: Message
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])

"""What an execution ends with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelOptions
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolDefinition
from agentick_core.messages.usage import NO_USAGE, Usage

if TYPE_CHECKING:
    # Its TypeVar has a default, so that a bare Session or SendResult is one of an app without an output.
    from typing_extensions import TypeVar as TypeVarWithDefault

    OutputT = TypeVarWithDefault("OutputT", default=None)
else:
    OutputT = TypeVar("OutputT")
# Where no output is declared, it is None.
_NONE: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawOutput:
    """The last compiled context and the whole history, as they stood when the execution ended."""

    timeline: tuple[TimelineEntry, ...] = ()
    system: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=no_metadata)
    ephemeral: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    model_options: ModelOptions = field(default_factory=ModelOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult(Generic[OutputT]):
    """What one execution gave.

    `response` is the text of the last assistant message; `messages` are all messages that the execution added;
    `outputs` maps output tools to their input; `output` is the typed output of an app that declares one.
    `usage` counts this execution's own ticks, `usage_tree` those of its descendants too.
    """

    response: str = ""
    messages: tuple[Message, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=no_metadata)
    output: OutputT = _NONE
    usage: Usage = NO_USAGE
    usage_tree: Usage = NO_USAGE
    stop_reason: str | None = None
    tick: int = 0
    raw: RawOutput = field(default_factory=RawOutput, repr=False)

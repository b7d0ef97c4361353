"""The blocks that a transcript is made of: plain data, one class per kind."""

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Literal, TypeAlias

from agentick_tui.transcript.flow_text import FlowText


class ToolState(Enum):
    """How far a tool call is; the value is the word on the screen."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting for approval"
    DONE = "done"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    UNKNOWN = "outcome unknown"

    @property
    def is_open(self) -> bool:
        """Whether the call can still come to something else."""
        return self in {ToolState.QUEUED, ToolState.RUNNING, ToolState.WAITING}


class Block:
    """What is asked of every block: whether there is more of it to see (`foldable`), whether its own blocks follow
    it (`nests`), and whether it is neither said nor answered (`aside`)."""

    __slots__ = ()

    foldable: ClassVar[bool] = False
    nests: ClassVar[bool] = False
    aside: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class UserBlock(Block):
    """What the user said; `attachments` has a line for each thing that is not text."""

    text: FlowText
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerBlock(Block):
    """What the model says, as Markdown; `open` while it is being said."""

    text: FlowText
    open: bool = False


@dataclass(frozen=True, slots=True)
class ReasoningBlock(Block):
    """What the model thinks first; `seconds` is how long it took, where that is known."""

    foldable: ClassVar[bool] = True

    text: FlowText
    open: bool = False
    seconds: float | None = None
    started_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class ToolBlock(Block):
    """A call of a tool, and what came of it. `summary` is one line about the input."""

    foldable: ClassVar[bool] = True

    call_id: str
    name: str
    summary: str = ""
    state: ToolState = ToolState.QUEUED
    output: FlowText = field(default_factory=FlowText)
    seconds: float | None = None
    started_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class CommandBlock(Block):
    """A command the user gave, and its result."""

    foldable: ClassVar[bool] = True

    call_id: str
    name: str
    summary: str = ""
    state: ToolState = ToolState.RUNNING
    output: FlowText = field(default_factory=FlowText)


@dataclass(frozen=True, slots=True)
class AgentBlock(Block):
    """A sub-agent; its own blocks follow, one level deeper. `tools` counts its tool calls."""

    foldable: ClassVar[bool] = True
    nests: ClassVar[bool] = True

    spawn_id: str
    name: str
    state: ToolState = ToolState.RUNNING
    tools: int = 0
    tokens: int = 0
    output: FlowText = field(default_factory=FlowText)
    seconds: float | None = None
    started_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class ErrorBlock(Block):
    """Something failed: what, why, and what can be done."""

    title: str
    cause: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class NoticeBlock(Block):
    """One line that is neither said nor answered."""

    aside: ClassVar[bool] = True

    text: str
    level: Literal["info", "warning"] = "info"


@dataclass(frozen=True, slots=True)
class InterruptedBlock(Block):
    """The mark behind an answer that was cut off."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class OtherBlock(Block):
    """Content that has no picture of its own, in one line."""

    label: str


TranscriptBlock: TypeAlias = (
    UserBlock
    | AnswerBlock
    | ReasoningBlock
    | ToolBlock
    | CommandBlock
    | AgentBlock
    | ErrorBlock
    | NoticeBlock
    | InterruptedBlock
    | OtherBlock
)


def source(block: TranscriptBlock) -> str:
    """Give the text that a block stands for, as it is copied."""
    match block:
        case UserBlock(text, attachments):
            return "\n".join(filter(None, (text.text, *attachments)))
        case AnswerBlock(text) | ReasoningBlock(text):
            return text.text
        case (
            ToolBlock(name=name, summary=summary, output=output)
            | CommandBlock(name=name, summary=summary, output=output)
        ):
            return "\n".join(filter(None, (f"{name} {summary}".strip(), output.text)))
        case AgentBlock(name=name, output=output):
            return "\n".join(filter(None, (name, output.text)))
        case ErrorBlock(title, cause, hint):
            return "\n".join(filter(None, (title, cause, hint)))
        case NoticeBlock(text):
            return text
        case InterruptedBlock(reason):
            return f"interrupted: {reason}" if reason else "interrupted"
        case OtherBlock(label):
            return label

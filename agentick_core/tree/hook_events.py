"""What the callbacks of hooks are told: one class per hook, each with the session's context."""

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.tree.host import SessionContext

CompiledT = TypeVar("CompiledT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """The component is in the tree for the first time."""

    ctx: SessionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmounted:
    """The component has left the tree, or the session closes."""

    ctx: SessionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted:
    """An execution begins."""

    ctx: SessionContext
    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnded:
    """An execution is over; `error` is what it failed with, `aborted` says that it was stopped from outside."""

    ctx: SessionContext
    execution_id: str
    stop_reason: str | None = None
    aborted: bool = False
    error: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """A message was sent or queued, or has joined the timeline; `content` is the message, with its role, `id` its id,
    and `timestamp` is when it is told, in milliseconds since 1970."""

    type: ClassVar[str] = "message"
    ctx: SessionContext
    id: str
    content: Message
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAppended:
    """An entry was written to the timeline from outside."""

    ctx: SessionContext
    entry: TimelineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled(Generic[CompiledT]):
    """A pass of the compilation is done; ask for another with `ctx.request_recompile`."""

    ctx: SessionContext
    compiled: CompiledT

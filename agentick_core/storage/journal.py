"""The journal: what happens to a session between one save and the next, and how a session is rebuilt from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, assert_never

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.snapshot import ForkPoint, OpenExecution, QueuedMessage, SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import Usage


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The session began."""

    created_at: float
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    parent: str | None = None
    forked_from: ForkPoint | None = None


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """A message was accepted, and waits until an entry that takes it is committed."""

    queued: QueuedMessage


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """These messages wait no longer, though no entry came of them: they were taken back."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntriesCommitted:
    """These entries were added to the log, and to the view; they answer for the messages `taken`. With `aside` they
    say nothing of how far the open execution has come."""

    entries: tuple[TimelineEntry, ...]
    taken: tuple[str, ...] = ()
    aside: bool = False


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """The session shows these entries of its log from now on, or all of it (None)."""

    ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class StateChanged:
    """These values of the session's state were set, and these keys deleted."""

    values: Mapping[str, Any] = field(default_factory=no_metadata)
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionOpened:
    """An execution began."""

    execution_id: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class PartialText:
    """The text that the answer now being streamed has so far; it is in no entry yet."""

    execution_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MessagesShown:
    """A tick shows these messages to the model; they still wait until an entry takes them."""

    execution_id: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolsBegun:
    """The model has given this answer, and its tool calls begin; until an entry holds it, their outcome is
    unknown."""

    execution_id: str
    answer: Message


@dataclass(frozen=True, slots=True)
class ToolsAsked:
    """Somebody is asked about these calls of the answer: until they are named no more, they have not begun."""

    execution_id: str
    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExecutionClosed:
    """The execution ended."""

    execution_id: str


@dataclass(frozen=True, slots=True)
class TickBegun:
    """A tick began, the session's `number`th."""

    number: int


@dataclass(frozen=True, slots=True)
class UsageAdded:
    """A model call took this much."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """The session was given a model of its own, by its spec, or went back to the app's (None)."""

    spec: str | None


SessionRecord: TypeAlias = (
    SessionOpened
    | MessageAccepted
    | MessageTaken
    | EntriesCommitted
    | ViewChanged
    | StateChanged
    | TickBegun
    | UsageAdded
    | ModelChosen
)

ExecutionRecord: TypeAlias = (
    ExecutionOpened | MessagesShown | PartialText | ToolsBegun | ToolsAsked | ExecutionClosed
)

JournalRecord: TypeAlias = SessionRecord | ExecutionRecord


def replay(base: SessionSnapshot, records: Iterable[JournalRecord]) -> SessionSnapshot:
    """Give the session as the records leave it, begun from `base`."""
    draft = _Draft(base)
    for record in records:
        match record:
            case (
                ExecutionOpened()
                | MessagesShown()
                | PartialText()
                | ToolsBegun()
                | ToolsAsked()
                | ExecutionClosed()
            ):
                draft.open = executed(draft.open, record)
            case _:
                draft.apply(record)
    return draft.snapshot()


class _Draft:
    """A snapshot taken apart into what can grow, so that many records cost no copies."""

    def __init__(self, base: SessionSnapshot) -> None:
        self.base = base
        self.log = list(base.whole_log)
        self.view = None if base.view is None else list(base.view)
        self.queued = {queued.message.id: queued for queued in base.queued}
        self.state = dict(base.com_state)
        self.open = base.open_execution

    def apply(self, record: SessionRecord) -> None:
        match record:
            case SessionOpened(created_at, metadata, parent, forked_from):
                self.base = replace(
                    self.base,
                    created_at=created_at,
                    metadata=metadata,
                    parent_session_id=parent,
                    forked_from=forked_from,
                )
            case MessageAccepted(queued):
                self.queued[queued.message.id] = queued
            case MessageTaken(ids):
                self.take(ids)
            case EntriesCommitted():
                self.commit(record)
            case ViewChanged(ids):
                self.view = None if ids is None else list(ids)
            case StateChanged(values, deleted):
                self.change(values, deleted)
            case TickBegun(number):
                self.base = replace(self.base, tick_count=number)
            case UsageAdded(usage):
                self.base = replace(self.base, usage=self.base.usage + usage)
            case ModelChosen(spec):
                self.base = replace(self.base, model=spec)
            case _:
                assert_never(record)

    def change(self, values: Mapping[str, Any], deleted: Iterable[str]) -> None:
        self.state.update(values)
        for key in deleted:
            self.state.pop(key, None)

    def take(self, ids: Iterable[str]) -> None:
        for message_id in ids:
            self.queued.pop(message_id, None)

    def commit(self, record: EntriesCommitted) -> None:
        self.log.extend(record.entries)
        if self.view is not None:
            self.view.extend(entry.id for entry in record.entries)
        self.take(record.taken)
        self.open = committed(self.open, record)

    def snapshot(self) -> SessionSnapshot:
        return replace(
            self.base.showing(self.log, self.view),
            queued=tuple(self.queued.values()),
            com_state=self.state,
            open_execution=self.open,
        )


def committed(execution: OpenExecution | None, record: EntriesCommitted) -> OpenExecution | None:
    """Give the open execution after a commit: its entries hold everything that was known of it alone, those written
    aside no more than the messages they answer for."""
    if execution is None:
        return None
    if record.aside:
        waiting = tuple(id for id in execution.shown if id not in record.taken)
        return replace(execution, shown=waiting)
    return OpenExecution(execution.execution_id, execution.started_at)


def executed(execution: OpenExecution | None, record: ExecutionRecord) -> OpenExecution | None:
    """Give the open execution after the record; a record of another one changes nothing."""
    if isinstance(record, ExecutionOpened):
        return OpenExecution(record.execution_id, record.at)
    if execution is None or execution.execution_id != record.execution_id:
        return execution
    match record:
        case PartialText(text=text):
            return replace(execution, partial=text)
        case MessagesShown(ids=ids):
            return replace(execution, shown=(*execution.shown, *ids))
        case ToolsBegun(answer=answer):
            return replace(execution, answer=answer)
        case ToolsAsked(call_ids=ids):
            return replace(execution, asked=ids)
        case ExecutionClosed():
            return None
        case _:
            assert_never(record)

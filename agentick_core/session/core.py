"""What the parts of one session share: its history, state, queue, tree, tools, store and events."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from agentick_core.errors import (
    SessionClosedError,
    StateError,
)
from agentick_core.events.model import ErrorEvent
from agentick_core.events.orchestration import (
    CustomEvent,
    EventError,
    MessageQueuedEvent,
    MessageUnqueuedEvent,
    PersistFailed,
)
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.result import RawOutput, SendResult
from agentick_core.messages.snapshot import OpenExecution, SessionSnapshot, When
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.models.accumulate import unique_among
from agentick_core.procedures.ambient import current, entered
from agentick_core.procedures.token import CancelToken
from agentick_core.session import patience
from agentick_core.session.children import Children
from agentick_core.session.context import LiveContext
from agentick_core.session.execution.input import MessageLike, read_message, with_id
from agentick_core.session.execution.queue import MessageQueue
from agentick_core.session.home import HomeLoop
from agentick_core.session.keeping.added import AddedEntries
from agentick_core.session.keeping.keeper import Keeper
from agentick_core.session.keeping.timeline import Timeline
from agentick_core.session.life import Life
from agentick_core.session.model_choice import ModelChoice
from agentick_core.session.mounting import Mounting
from agentick_core.session.options import SessionOptions
from agentick_core.session.state import StateStore
from agentick_core.session.telling.channel import Channel, ChannelEvent
from agentick_core.session.telling.emitter import SessionEmitter
from agentick_core.session.telling.last_seen import LastSeen
from agentick_core.session.telling.message_hooks import MessageHooks
from agentick_core.session.telling.pushed import custom_event
from agentick_core.session.telling.scheduler import Reconcile, Scheduler
from agentick_core.session.tick.draft import Draft
from agentick_core.session.tick.estimates import Estimates
from agentick_core.session.toolbox import ANSWERS, Toolbox, answer_event
from agentick_core.storage.journal import (
    EntriesCommitted,
    ExecutionRecord,
    MessageAccepted,
    MessageTaken,
    SessionOpened,
    StateChanged,
    UsageAdded,
    ViewChanged,
    executed,
)
from agentick_core.tree.tree import Tree

if TYPE_CHECKING:
    from agentick_core.recording.tape import Tape
    from agentick_core.session.execution.calls import ExecutionProcedure
    from agentick_core.session.execution.limits import Budget
    from agentick_core.session.inbox import SessionInbox
    from agentick_core.session.telling.inspection import Phase
    from agentick_core.session.telling.recordings import Recordings
    from agentick_core.tree.tick_state import Continue, Stop

T = TypeVar("T")
_log = logging.getLogger("agentick")
Settling: TypeAlias = Callable[[SendResult[Any] | None, BaseException | None, Usage], None]


class SessionCore:
    """The parts of a session, put together; the tree's host."""

    recordings: "Recordings | None" = None
    inbox: "SessionInbox | None" = None
    spawn: "ExecutionProcedure[..., Any] | None" = None
    say: "Callable[[str | MessageLike], Awaitable[Message]]"
    leave: "Callable[[str | MessageLike], None]"
    execution_usage = NO_USAGE
    is_aborted = False
    closed = False

    def __init__(self, options: SessionOptions, snapshot: SessionSnapshot | None) -> None:
        stored = snapshot or SessionSnapshot(
            session_id=options.id,
            created_at=options.clock.now(),
            metadata=options.metadata,
            parent_session_id=options.parent_session_id,
        )
        self.options = options
        self.home = HomeLoop()
        self._context = LiveContext(self)
        self.clock = options.clock
        self.origin = stored
        self.emitter = SessionEmitter(options.clock, options.id)
        self.emitter.sinks.extend(options.callbacks.sinks)
        writable = None if options.read_only else options.store
        self.keeper = Keeper(writable, options.id, self.snapshot, self._persist_failed)
        self.life = Life(self)
        self.open_execution: OpenExecution | None = stored.open_execution if options.read_only else None
        self.added = AddedEntries(self)
        self.message_hooks = MessageHooks(self)
        self.timeline = Timeline(stored.whole_log, stored.view, self._view_changed, self.added)
        self.queue = MessageQueue(stored.queued)
        self.state = StateStore(stored.com_state, self._state_changed)
        self.scheduler = Scheduler(options.clock, self._reconciled)
        self.usage = stored.usage
        self.tick_count = stored.tick_count
        self.current_tick = 1
        self.models = ModelChoice(options, stored.model, self.keeper.note)
        self.idle_token = CancelToken()
        self.phase: Phase | None = None
        self.verdicts: list[Stop | Continue] = []
        self.last = LastSeen()
        # A child takes its ids from its parent, whose answers reach both.
        self.unique_call_id = options.unique_call_id or unique_among(_call_ids(stored.timeline))
        self.toolbox = Toolbox(self)
        self.estimates = Estimates(self)
        self.root = options.root
        self.tree = Tree(options.root, self, hidden=self.toolbox.to_mount, data=stored.data_cache)
        self.tree_lock = asyncio.Lock()
        self.mounted = False
        self.mounting = Mounting(self)
        self._channels: dict[str, Channel] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.children = Children()
        self.execution_token: CancelToken | None = None
        self.budget: Budget | None = None
        self.settling: Settling | None = None
        if snapshot is None:
            self.keeper.begin(SessionOpened(stored.created_at, stored.metadata, stored.parent_session_id))
        self.channel(ANSWERS).subscribe(self._answered_on_channel)

    @property
    def context(self) -> LiveContext:
        """The context handed to hooks."""
        return self._context

    @property
    def tapes(self) -> "tuple[Tape, ...]":
        """The tapes that take down the model calls: the session's own, and those of the sessions above it."""
        return (*self.options.tapes, *(self.recordings.tapes if self.recordings is not None else ()))

    def check_alive(self) -> None:
        """Make sure that the session is not closed, and is used from here; it may be open read-only.

        Raises:
            SessionClosedError: the session is closed.
            NoRunningLoopError: no event loop runs.
            StateError: this is another event loop than the session's.
        """
        self.home.check()
        if self.closed:
            raise SessionClosedError

    def check_open(self) -> None:
        """Make sure that the session can be used, and from here.

        Raises:
            SessionClosedError: the session is closed.
            NoRunningLoopError: no event loop runs.
            StateError: this is another event loop than the session's, or the session is open read-only.
        """
        self.check_alive()
        if self.options.read_only:
            raise StateError(
                "Session is open read-only",
                hint="Fork it, or open it again when the other program has closed it.",
            )

    def schedule(self, reason: str) -> None:
        """State has changed: note it for the scheduler."""
        if not self.closed:
            self.scheduler.schedule(reason)

    def report_error(self, error: BaseException, source: str) -> None:
        """Show that a callback raised, and go on."""
        _log.debug("%s raised", source, exc_info=error)
        told, stamp = EventError.of(error), self.emitter.stamp()
        code = told.code or told.name
        self.emitter.publish(ErrorEvent(**stamp, message=told.message, code=code, source=source))

    def accept(self, message: "str | MessageLike", when: When) -> Message:
        """Take a message into the queue: it has an id and will be stored."""
        accepted = self.queue.identified(read_message(message), self.clock)
        queued = self.queue.add(accepted, when)
        self.keeper.note(MessageAccepted(queued))
        self.channel("messages").publish({"type": "message_queued", "payload": accepted})
        return accepted

    def tell_queued(self, message: Message, when: When) -> None:
        """Publish that a message waits for a tick that is not its own send's."""
        self.emitter.publish(MessageQueuedEvent(**self.emitter.stamp(), message=message, when=when))

    def queue_message(self, message: "str | MessageLike", when: When = "next_tick") -> Awaitable[Message]:
        """Accept a message now; the awaitable ends when it is stored and the hooks were told."""
        self.check_open()
        accepted = self.accept(message, when)
        self.tell_queued(accepted, when)
        return self.in_background(self._followed(accepted, self.message_hooks.accepted(accepted)))

    def in_background(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Run something that belongs to the session: it is cancelled when the session closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop_background(self) -> None:
        """Cancel what runs in the background, and wait for it, but not for ever; tell first, and in the end, what
        nobody will now."""
        await self.added.told()
        # What tells the hooks of it has begun before it is cut short.
        await asyncio.sleep(0)
        tasks = tuple(task for task in self._tasks if task is not asyncio.current_task())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=patience.PATIENCE)
        self.message_hooks.close()
        await self.added.told()

    def forget_message(self, message_id: str) -> Message | None:
        """Take a message back from the queue, if it still waits there."""
        message = self.queue.remove(message_id)
        if message is not None:
            self.keeper.note(MessageTaken((message_id,)))
            self.emitter.publish(MessageUnqueuedEvent(**self.emitter.stamp(), message_id=message_id))
        return message

    def reorder(self, ids: Sequence[str]) -> None:
        """Put the waiting messages of these ids first, in this order."""
        self.queue.reorder(ids)
        waiting = self.queue.waiting
        if waiting:
            taken = MessageTaken(tuple(item.message.id for item in waiting))
            self.keeper.note(taken, *(MessageAccepted(item) for item in waiting))

    async def commit(
        self, drafts: Sequence[Draft], execution_id: str | None = None, *, aside: bool = False
    ) -> tuple[TimelineEntry, ...]:
        """Add the messages that are shown to the timeline, then the drafts, and store them in one transaction;
        then tell everybody.

        `aside` says that nobody's turn ends with them. While the tree renders they go before what it shows.
        """
        shown = () if aside and self.phase == "compile" else self.queue.shown
        said = [Draft(message=message, tags=("user_input",)) for message in shown]
        owner = self.emitter.execution_id if execution_id is None else execution_id
        entries = tuple(self._entry(draft, owner) for draft in (*said, *drafts))
        if not entries:
            return ()
        record = EntriesCommitted(entries, tuple(message.id for message in shown), aside)
        self.queue.committed(record.taken)
        self.added.commit(record, self.timeline.extend(entries))
        await self.added.told()
        if self.options.max_timeline_entries is not None:
            self.timeline.keep_newest(self.options.max_timeline_entries)
        return entries

    async def ensure_mounted(self) -> None:
        """Render the tree if that was never done, or state has changed since, so that its tools are there."""
        await self.mounting.ensure()

    def rendering(self) -> AbstractContextManager[None]:
        """Make it known, to what runs in the block, that the tree waits for it."""
        return entered(replace(current(), rendering=self.options.id, telling=None))

    def channel(self, name: str) -> Channel:
        """Give the channel of that name, the same each time."""
        return self._channels.setdefault(
            name, Channel(name, self.clock, self.life.used, self.emitter.hearing)
        )

    def raw_output(self) -> RawOutput:
        """Give the history, and what the last tick showed the model."""
        return replace(self.last.output or RawOutput(), timeline=self.timeline.entries)

    def progress(self, record: ExecutionRecord) -> None:
        """Note how far an execution has come."""
        self.open_execution = executed(self.open_execution, record)
        self.keeper.note(record)

    def add_usage(self, usage: Usage) -> None:
        """Count a model call, also one that failed; one beside the conversation is no tick."""
        if usage == NO_USAGE:
            return
        self.usage = self.usage + usage
        self.execution_usage = self.execution_usage + usage
        self.keeper.note(UsageAdded(usage))
        if self.recordings is not None:
            self.recordings.used(usage)

    def snapshot(self) -> SessionSnapshot:
        """Give the session as it would be stored now."""
        stored = SessionSnapshot(
            session_id=self.options.id,
            tick=self.current_tick,
            tick_count=self.tick_count,
            queued=self.queue.items,
            com_state=self.state.stored(),
            data_cache=self.tree.stored_data,
            usage=self.usage,
            open_execution=self.open_execution,
            model=self.models.spec,
            timestamp=round(self.clock.now() * 1000),
            created_at=self.origin.created_at,
            parent_session_id=self.origin.parent_session_id,
            forked_from=self.origin.forked_from,
            metadata=self.origin.metadata,
            extra=self.origin.extra,
        )
        return stored.showing(self.timeline.log, self.timeline.view_ids)

    def answer(self, call_id: str, response: Any = None, /, **answer: Any) -> bool:
        """Answer a tool call that waits here or in a child; tell whether it waited."""
        self.home.check()
        taken = self.toolbox.take(call_id, response, answer)
        if taken:
            self.channel(ANSWERS).publish(answer_event(call_id, response, answer))
        return taken

    def push_event(self, event: "str | Mapping[str, Any]", data: Mapping[str, Any]) -> CustomEvent:
        """Publish an event that somebody outside made."""
        self.home.check()
        pushed = custom_event(self.emitter.stamp(), event, data)
        self.emitter.publish(pushed)
        return pushed

    def destroy_channels(self) -> None:
        """Fail whoever waits on a channel."""
        for channel in self._channels.values():
            channel.destroy()

    async def _followed(self, message: Message, telling: "asyncio.Task[None] | None") -> Message:
        try:
            await self.keeper.drain()
            if telling is not None:
                await asyncio.wait({telling})
        except asyncio.CancelledError:
            if not self.closed:
                raise
        # Closing cuts the hooks short; the message was accepted all the same.
        return message

    def _answered_on_channel(self, event: ChannelEvent) -> None:
        if event.type == "response" and event.id is not None:
            self.toolbox.take(event.id, event.payload, {})

    def _entry(self, draft: Draft, execution_id: str) -> TimelineEntry:
        return TimelineEntry(
            id=self.clock.new_id(),
            message=with_id(draft.message, self.clock),
            tags=draft.tags,
            created_at=self.clock.now(),
            execution_id=execution_id,
            metadata=draft.metadata or no_metadata(),
        )

    def _view_changed(self, ids: tuple[str, ...] | None) -> None:
        self.keeper.note(ViewChanged(ids))

    def _state_changed(self, key: str) -> None:
        if not self.state.is_watched(key):
            self.schedule(f"state {key}")
        values, deleted = self.state.take_changes()
        if values or deleted:
            self.keeper.note(StateChanged(values, deleted))

    def _reconciled(self, reconcile: Reconcile) -> None:
        self.emitter.tell("reconcile", reconcile)
        self.mounting.refresh_soon()

    def _persist_failed(self, error: Exception) -> None:
        self.emitter.publish(PersistFailed(**self.emitter.stamp(), error=EventError.of(error)))


def _call_ids(entries: Sequence[TimelineEntry]) -> set[str]:
    return {use.tool_use_id for entry in entries for use in entry.message.tool_uses}

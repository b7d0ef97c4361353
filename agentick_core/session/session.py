"""A session: one long conversation, and everything that can be asked of it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Unpack

from agentick_core.errors import AbortError, StateError
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import NO_METADATA, Block
from agentick_core.messages.message import Message
from agentick_core.messages.result import OutputT
from agentick_core.messages.snapshot import SessionSnapshot, When
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.model import ChatModel
from agentick_core.procedures.ambient import current, waited_for_by
from agentick_core.procedures.procedure import Procedure, Wrapping
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app.agent_config import AgentSource
from agentick_core.session.closing import close_session, stop_session
from agentick_core.session.core import SessionCore
from agentick_core.session.dispatch import Dispatches
from agentick_core.session.execution.accepted import follow_up
from agentick_core.session.execution.append import Append, Observe
from agentick_core.session.execution.calls import ExecutionProcedure
from agentick_core.session.execution.handle import FROM_INSIDE, SessionExecutionHandle
from agentick_core.session.execution.input import (
    InputLike,
    MessageLike,
    SendInput,
    SendKeywords,
    check_keywords,
    check_options,
    read_input,
    read_message,
    read_render,
)
from agentick_core.session.execution.limits import Limits
from agentick_core.session.execution.runs import Runs
from agentick_core.session.keeping.fork import fork_session
from agentick_core.session.keeping.hibernate import hibernate
from agentick_core.session.keeping.read_only import refresh
from agentick_core.session.options import SessionOptions
from agentick_core.session.spawn import SpawnKeywords, SpawnOptions, make_child, start_child
from agentick_core.session.telling.channel import Channel
from agentick_core.session.telling.emitter import EventReader
from agentick_core.session.view import SessionView
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.tool import Tool

if TYPE_CHECKING:
    from agentick_core.inbox.message import InboxInput
    from agentick_core.recording.recording import Recording, RecordingMode
    from agentick_core.recording.snapshot import TickSnapshot
    from agentick_core.tree.element import AgentLike


class Session(SessionView[OutputT]):
    """A long conversation. `send`, `render`, `queue` and `dispatch` are procedures: calling one starts it.

    Made by `app.session(id)`, never by hand.
    """

    def __init__(self, options: SessionOptions, snapshot: SessionSnapshot | None = None) -> None:
        self._core = core = SessionCore(options, snapshot)
        core.life.begin(self, snapshot)
        self._runs: Runs[OutputT] = Runs(core)
        self._dispatches = Dispatches(core)
        self._calls: set[asyncio.Future[Any]] = set()
        self._closing: asyncio.Task[None] | None = None
        self.send = ExecutionProcedure(self._send, self._wrapping("send"))
        self.render = ExecutionProcedure(self._render, self._wrapping("render"))
        self.queue = Procedure(self._queue, self._wrapping("queue"))
        self._answering = Procedure(self._queue_and_answer, self.queue.wrapping)
        core.say, core.leave = self._say, self._leave
        self.append = Append(core, self._runs, self._wrapping("append"))
        self.observe = Observe(self.append)
        self.spawn = ExecutionProcedure(self._spawn, self._wrapping("spawn"))
        core.spawn = self.spawn
        self.parent: Session[Any] | None = None
        self.fork = Procedure(self._fork, self._wrapping("fork"))
        wrapping = replace(self._wrapping("dispatch"), held=self._dispatches.calls)
        self.dispatch = Procedure(self._dispatch, wrapping)
        if options.recording != "none":
            self.start_recording(options.recording)

    def events(self) -> EventReader:
        """Open a reader of the events up to the end of the execution that runs or comes next."""
        return self._core.emitter.reader()

    def push_event(
        self, event: "str | Mapping[str, Any]", data: Mapping[str, Any] = NO_METADATA
    ) -> StreamEvent:
        """Publish an event of one's own, a name with data or a mapping with `type`, to everybody who listens."""
        check_options({"event": event})
        return self._core.push_event(event, data)

    def channel(self, name: str) -> Channel:
        """Give the channel of that name, the same each time."""
        return self._core.channel(name)

    def on(
        self, kind: Literal["event", "reconcile", "close"], listener: Callable[[Any], object]
    ) -> Callable[[], None]:
        """Call the listener with each event, reconcile or close; give the way to stop it."""
        check_options({"kind": kind})
        return self._core.emitter.on(kind, listener)

    def once(
        self, kind: Literal["event", "reconcile", "close"], listener: Callable[[Any], object]
    ) -> Callable[[], None]:
        """Call the listener with the next one only."""
        check_options({"kind": kind})
        return self._core.emitter.once(kind, listener)

    def off(self, kind: Literal["event", "reconcile", "close"], listener: Callable[[Any], object]) -> bool:
        """Stop a listener; tell whether it was there."""
        return self._core.emitter.off(kind, listener)

    def start_recording(self, mode: "RecordingMode" = "full") -> None:
        """Record from now on, in place of what was recorded: "full" with the tree of each tick, "lightweight"
        without; "none" stops, and keeps nothing."""
        self._core.check_alive()
        if self._core.recordings is None:
            from agentick_core.session.telling.recordings import Recordings

            self._core.recordings = Recordings(self._core)
        self._core.recordings.start(mode)

    def stop_recording(self) -> None:
        """Record no more; what was recorded stays."""
        if self._core.recordings is not None:
            self._core.recordings.stop()

    def get_recording(self) -> "Recording | None":
        """Give what was recorded so far; None where nothing is or was recorded."""
        return self._core.recordings.recording if self._core.recordings is not None else None

    def get_snapshot_at(self, number: int, *, execution_id: str | None = None) -> "TickSnapshot | None":
        """Give the recorded tick of that number in the session, or of that tick in an execution; else None."""
        recordings = self._core.recordings
        return recordings.snapshot_at(number, execution_id) if recordings is not None else None

    def unqueue(self, message_id: str) -> Message | None:
        """Take a message back that no tick has shown yet."""
        self._core.check_open()
        return self._core.forget_message(message_id)

    def requeue(self, ids: Sequence[str]) -> None:
        """Put the waiting messages of these ids first, in this order."""
        self._core.check_open()
        self._core.reorder(ids)

    def interrupt(self, message: "str | MessageLike | None" = None, reason: str | None = None) -> None:
        """Stop what runs; a message is queued, and answered at once where something was stopped."""
        self._core.check_open()
        if message is not None:
            read_message(message)
        queue = self._answering if self._runs.interrupt(reason) else self.queue
        if message is not None:
            self._core.in_background(self._unheard(queue(message)))

    def clear_abort(self) -> None:
        """Forget that an execution was stopped."""
        self._core.is_aborted = False

    def submit_tool_result(self, call_id: str, response: Any = None, /, **answer: Any) -> bool:
        """Answer a tool call that waits.

        A confirmation takes a `Decision`, the wire form, or approved=, reason=, input=, always=; a client tool
        takes content= or error=. Tells whether that call waited.
        """
        return self._core.answer(call_id, response, **answer)

    def allow(self, rule: AllowRule) -> None:
        """Let calls that the rule covers run unasked from now on, here and in children; also those that wait."""
        self._core.toolbox.allow(rule)

    def set_model(self, model: "ChatModel | str") -> ChatModel:
        """Use this model from the next tick on; it is remembered with the session.

        Raises:
            NotFoundError: where a spec names no model.
        """
        self._core.check_open()
        check_options({"model": model})
        return self._core.models.choose(model)

    async def mount(self) -> None:
        """Render the tree once, so that its tools are there; no model is asked."""
        self._core.check_open()
        await self._core.ensure_mounted()

    async def get_tool_definitions(self) -> tuple[ToolDefinition, ...]:
        """Give every tool there is, for whomever it is, sorted by name."""
        await self.mount()
        return await self._core.toolbox.definitions()

    async def flush(self) -> None:
        """Wait until everything is stored.

        Raises:
            StorageError: what stands in the way.
        """
        await self._core.keeper.flush()

    async def refresh(self) -> tuple[TimelineEntry, ...]:
        """Read what the writer of a session that is open read-only has stored since; give the new entries.

        Raises:
            StateError: the session is not open read-only.
            NotFoundError: the session was deleted.
        """
        return await refresh(self._core)

    async def notify_parent(self, message: "str | MessageLike | InboxInput") -> str:
        """Write a message into the inbox of the parent, open or not; give the message's id.

        Raises:
            StateError: the session has no parent, or its app has no inbox.
        """
        from agentick_core.session.inbox import notify_parent

        return await notify_parent(self._core, message)

    async def drain_inbox(self) -> None:
        """Try what waits in the session's inbox now; return when nothing more can be done at once."""
        if self._core.inbox is not None:
            await self._core.inbox.drain()

    async def hibernate(self) -> SessionSnapshot | None:
        """Stop what runs, store the session and close it; None where it is closed, or a hook refused."""
        return await hibernate(self._core, self)

    async def adopt(self) -> None:
        """Store a session whose restore was refused, in place of what is stored under its id."""
        await self._core.life.adopt()

    async def close(self) -> None:
        """Stop what runs, unmount the tree and let go of everything; what is stored stays."""
        self._core.home.check()
        if self._closing is None:
            self._core.closed = True
            # At once: a hook that closes its session goes on before the task of the closing begins.
            error = stop_session(self._runs, self._dispatches)
            with waited_for_by(self._core.emitter.closing):
                self._closing = asyncio.create_task(self._close(error))
        if not self.is_inside():
            await asyncio.shield(self._closing)

    async def wait_closed(self) -> None:
        """Wait until the closing that was begun is over; from inside the session too, but for what it waits for."""
        if self._closing is not None and self._core.emitter.closing not in current().inside:
            await asyncio.wait({self._closing})

    def begin(self, input: SendInput) -> SessionExecutionHandle[OutputT]:
        """Start what was read already."""
        handle, _ = self._runs.send(input)
        return handle

    async def ended(self) -> None:
        """Wait until nothing runs.

        Raises:
            StateError: where it is awaited from inside what runs, which would never end.
        """
        running = self._runs.current
        if running is None:
            return
        if running.id in current().inside:
            raise StateError(
                "An execution cannot wait for its own end: use queue() or spawn()", hint=FROM_INSIDE
            )
        await running.unwound()

    def _send(
        self, input: InputLike = None, /, **options: Unpack[SendKeywords]
    ) -> Coroutine[Any, Any, SessionExecutionHandle[OutputT]]:
        self._core.check_open()
        return self._core.life.sends.send(read_input(input, options), self._begin_send)

    def _begin_send(self, input: SendInput) -> Coroutine[Any, Any, SessionExecutionHandle[OutputT]]:
        handle, accepted = self._runs.send(input)
        self._core.life.sends.count(handle.execution_id)
        return follow_up(self._core, handle, accepted)

    def _render(
        self,
        root: "AgentLike | Mapping[str, Any] | None" = None,
        /,
        *,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        limits: Limits | None = None,
        signal: CancelToken | None = None,
    ) -> Coroutine[Any, Any, SessionExecutionHandle[OutputT]]:
        self._core.check_open()
        options = {"tools": tools, "max_ticks": max_ticks, "limits": limits, "signal": signal}
        input = read_render(root, options)
        handle, accepted = self._runs.send(input)
        return follow_up(self._core, handle, accepted)

    async def _spawn(
        self,
        agent: AgentSource,
        input: InputLike = None,
        /,
        *,
        messages: "Sequence[str | MessageLike]" = (),
        props: Mapping[str, Any] | None = None,
        **options: Unpack[SpawnKeywords],
    ) -> SessionExecutionHandle[Any]:
        self._core.check_open()
        check_keywords("spawn", options, ("messages", "props", *SpawnKeywords.__annotations__))
        check_options(options)
        given = SpawnOptions(**options)
        read = read_input(input, {"messages": messages, "props": props})
        ready = read if read.starts else replace(read, props=NO_METADATA)
        child = make_child(self._core, agent, given)
        child.parent = self
        return start_child(self._core, child, ready, given.label)

    def _queue(self, message: "str | MessageLike", /, *, when: When = "next_tick") -> Awaitable[Message]:
        self._core.check_open()
        check_options({"when": when})
        return self._core.queue_message(message, when)

    def _queue_and_answer(
        self, message: "str | MessageLike", /, *, when: When = "next_tick"
    ) -> Awaitable[Message]:
        queued = self._queue(message, when=when)
        self._runs.send(SendInput())
        return queued

    def _say(self, message: "str | MessageLike") -> Awaitable[Message]:
        # Nobody may await it: what cannot be queued is raised at once.
        self._core.check_open()
        read_message(message)
        return self.queue(message)

    def _leave(self, message: "str | MessageLike") -> None:
        self._core.in_background(self._unheard(self._say(message)))

    async def _unheard(self, call: Awaitable[Message]) -> None:
        try:
            await call
        # Nobody waits for the call: what refuses the message, such as middleware, has to be seen all the same.
        except Exception as error:
            self._core.report_error(error, "session:queue")

    def _dispatch(
        self,
        tool: str | Tool[..., Any],
        input: Mapping[str, Any] | None = None,
        /,
        *,
        confirm: bool | None = None,
        call_id: str | None = None,
    ) -> Coroutine[Any, Any, tuple[Block, ...]]:
        if isinstance(tool, Tool):
            # The host's own, such as a command of a chat: it may also run where the session is only read.
            self._core.check_alive()
        else:
            self._core.check_open()
        check_options({"tool": tool, "input": input})
        return self._dispatches.begin(tool, input or {}, confirm, call_id)

    def _fork(self, at: str | None = None, id: str | None = None) -> "Coroutine[Any, Any, Session[OutputT]]":
        return fork_session(self._core, self.life.begin_fork, at, id)

    def _wrapping(self, name: str) -> Wrapping:
        return Wrapping(name=f"session:{name}", registry=self._core.options.middleware, held=self._calls)

    async def _close(self, error: AbortError) -> None:
        try:
            await close_session(self._core, self._runs, self._dispatches, error)
        finally:
            await self.life.closed()

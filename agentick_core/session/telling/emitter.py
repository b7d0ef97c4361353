"""The one way an event leaves a session: stamped, then given to callbacks, listeners, readers and the handle."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentick_core.clock import Clock
from agentick_core.errors import StateError
from agentick_core.events.base import Stamp
from agentick_core.events.once import Once, registered
from agentick_core.events.orchestration import ExecutionEnd
from agentick_core.events.union import StreamEvent
from agentick_core.procedures.ambient import Ambient, entered
from agentick_core.session.telling.hearing import Hearing

if TYPE_CHECKING:
    from agentick_core.events.buffer import EventBuffer
    from agentick_core.events.emitter import Emitter

READER_LIMIT = 100_000
_log = logging.getLogger("agentick")

EventSink = Callable[[StreamEvent], object]


class SessionEmitter:
    """Numbers the events of a session and hands each to everybody, in order, before anything else happens."""

    def __init__(self, clock: Clock, session_id: str) -> None:
        self._clock = clock
        self._prefix = session_id
        self._sequence = 0
        self._time: float | None = None
        self._listeners: dict[str, list[Callable[[Any], object]]] = {}
        self._readers: list[EventReader] = []
        self._outbox: deque[StreamEvent] = deque()
        self._delivering = self._closed = False
        # What bears this mark is awaited by the closing of the session.
        self.closing = f"closing {os.urandom(8).hex()}"
        self.hearing = Hearing(self.closing)
        self.sinks: list[EventSink] = []
        self.buffer: EventBuffer[StreamEvent] | None = None
        self.execution_id = ""
        self.tick = 1
        self.ambient = Ambient()

    def stamp(self) -> Stamp:
        """Take the next sequence number, with the execution, the tick and the time of this loop turn."""
        self._sequence += 1
        execution_id = self.execution_id
        return {
            "id": f"{execution_id or self._prefix}:{self._sequence}",
            "sequence": self._sequence,
            "tick": self.tick,
            "time": self._now(),
            "execution_id": execution_id,
        }

    def publish(self, event: StreamEvent) -> None:
        """Hand the event to callbacks, then listeners, then readers, then the running handle.

        What a listener publishes meanwhile comes after it, for everybody.
        """
        self._outbox.append(event)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._outbox:
                self._deliver(self._outbox.popleft())
        finally:
            self._delivering = False

    def _deliver(self, event: StreamEvent) -> None:
        listeners = (*self.sinks, *self._listeners.get("event", ()))
        # A reader that a listener opens begins with the next event.
        readers = tuple(self._readers)
        if listeners:
            # Whoever listens stands outside: what it starts may wait for the execution it hears.
            with entered(self.ambient):
                for listener in listeners:
                    self._safely(listener, event)
        for reader in readers:
            reader.push(event)
        if self.buffer is not None and event.execution_id:
            self.buffer.push(event)

    def forward(self, event: StreamEvent, spawn_id: str) -> None:
        """Publish a child's event here too: with this session's next sequence number and a longer path."""
        self._sequence += 1
        path = (spawn_id, *event.spawn_path)
        self.publish(replace(event, sequence=self._sequence, spawn_path=path))

    def outside_executions(self) -> "Emitter":
        """Give the same emitter for what belongs to no execution, though one may run."""
        return _Outside(self, self._prefix)

    def on(self, kind: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Call the listener with each "event", "reconcile" or "close"; give the way to stop it."""
        self._listeners.setdefault(kind, []).append(listener)

        def stop() -> None:
            self.off(kind, listener)

        return stop

    def once(self, kind: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Call the listener with the next one only."""
        once = Once(listener)
        once.stop = self.on(kind, once)
        return once.stop

    def off(self, kind: str, listener: Callable[[Any], object]) -> bool:
        """Stop a listener; tell whether it was there."""
        listeners = self._listeners.get(kind, [])
        found = registered(listeners, listener)
        if found is None:
            return False
        listeners.remove(found)
        return True

    def listener_count(self) -> int:
        """Count the listeners and the readers."""
        return sum(len(listeners) for listeners in self._listeners.values()) + len(self._readers)

    def tell(self, kind: str, value: object) -> None:
        """Tell the listeners of a kind other than "event"."""
        for listener in tuple(self._listeners.get(kind, ())):
            self._safely(listener, value)

    def reader(self) -> "EventReader":
        """Open a reader of its own, that ends with the execution that runs or comes next; at once where none will."""
        reader = EventReader(self._forget_reader)
        if self._closed:
            reader.end()
        else:
            self._readers.append(reader)
        return reader

    def close(self) -> None:
        """End every reader and drop every listener."""
        self._closed = True
        for reader in tuple(self._readers):
            reader.end()
        self._listeners.clear()
        self.sinks.clear()

    def _forget_reader(self, reader: "EventReader") -> None:
        if reader in self._readers:
            self._readers.remove(reader)

    def _safely(self, listener: Callable[[Any], object], value: object) -> None:
        try:
            self.hearing.take(listener(value))
        # A listener is somebody else's code: it must never harm the run, and it must not fail unseen. A cancellation
        # that it raises is its own: ours comes where something is awaited.
        except (Exception, asyncio.CancelledError) as error:
            _log.error("A session listener raised", exc_info=error)

    def _now(self) -> float:
        if self._time is None:
            self._time = self._clock.now()
            asyncio.get_running_loop().call_soon(self._new_turn)
        return self._time

    def _new_turn(self) -> None:
        self._time = None


class _Outside:
    """Stamps events without an execution."""

    def __init__(self, emitter: SessionEmitter, prefix: str) -> None:
        self._emitter = emitter
        self._prefix = prefix

    def stamp(self) -> Stamp:
        """Take the next sequence number."""
        stamp = self._emitter.stamp()
        return {**stamp, "id": f"{self._prefix}:{stamp['sequence']}", "execution_id": ""}

    def publish(self, event: StreamEvent) -> None:
        """Hand the event on."""
        self._emitter.publish(event)


class EventReader:
    """One reader of a session's events: registered when made, bounded, over after `execution_end`."""

    def __init__(self, forget: "Callable[[EventReader], None]") -> None:
        self._events: deque[StreamEvent] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._ended = False
        self._overrun = False
        self._forget = forget

    def push(self, event: StreamEvent) -> None:
        """Take an event; a reader that never reads is cut off rather than kept for ever."""
        if len(self._events) >= READER_LIMIT:
            self._overrun = True
            self._events.clear()
            self.end()
            return
        self._events.append(event)
        if isinstance(event, ExecutionEnd) and not event.spawn_path:
            self.end()
        self._wake()

    def end(self) -> None:
        """Let the reader finish once it has read what is there."""
        self._ended = True
        self._forget(self)
        self._wake()

    def __aiter__(self) -> "EventReader":
        return self

    async def __anext__(self) -> StreamEvent:
        while not self._events:
            if self._overrun:
                raise StateError(
                    f"This reader fell more than {READER_LIMIT} events behind",
                    hint="Read events as they come, or iterate the handle, which keeps them.",
                )
            if self._ended:
                raise StopAsyncIteration
            if self._arrival is None or self._arrival.done():
                self._arrival = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._arrival)
        return self._events.popleft()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

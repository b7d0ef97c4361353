"""A shared log of events: every reader has its own cursor, and late readers begin at the start."""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import ClassVar, Generic, Protocol, TypeAlias, TypeVar

from agentick_core.events.once import Once, registered


class Typed(Protocol):
    """What has the type name of its class, which listeners subscribe to."""

    type: ClassVar[str]


class Named(Protocol):
    """What has a type name of its own."""

    @property
    def type(self) -> str:
        """The name."""
        ...


EventT = TypeVar("EventT", bound=Typed | Named)
Listener: TypeAlias = Callable[[EventT], object]
ANY = "*"
_log = logging.getLogger("agentick")


class EventBuffer(Generic[EventT]):
    """Keeps what was pushed, in order, for any number of readers and listeners.

    Iterate it to read everything, from the first event to `close()`. A listener that raises harms nobody.
    After `error(exc)` readers get the events that were there and then the exception.
    """

    __slots__ = ("_closed", "_error", "_events", "_listeners", "_telling", "_waiting")

    def __init__(self) -> None:
        self._events: list[EventT] = []
        self._listeners: dict[str, list[Callable[[EventT], object]]] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._telling: deque[tuple[EventT, list[tuple[str, Callable[[EventT], object]]]]] = deque()
        self._closed = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._events)

    @property
    def closed(self) -> bool:
        """Whether nothing can be pushed any more."""
        return self._closed

    @property
    def error_value(self) -> BaseException | None:
        """What the buffer was ended with, where that was an error."""
        return self._error

    def to_list(self, kind: str = ANY) -> list[EventT]:
        """Give a copy of what is there, all of it or one type."""
        return [event for event in self._events if kind in (ANY, event.type)]

    def push(self, event: EventT) -> bool:
        """Add an event, unless the buffer is closed; tell whether a listener was there to hear it."""
        if self._closed:
            return False
        self._events.append(event)
        if self._waiting:
            self._wake()
        return self._tell(event) if self._listeners else False

    def close(self) -> None:
        """End the log; readers finish once they have read everything."""
        self._closed = True
        self._wake()

    def error(self, error: BaseException) -> None:
        """End the log with an error that readers get after the last event."""
        if self._closed:
            return
        self._error = error
        self.close()

    def on(
        self, kind: "str | Listener[EventT]", listener: "Listener[EventT] | None" = None
    ) -> Callable[[], None]:
        """Call the listener with each event of a type, or with all ("*", or no type); give the way to stop it."""
        name, heard = _subscription(kind, listener)
        self._listeners.setdefault(name, []).append(heard)

        def stop() -> None:
            self.off(name, heard)

        return stop

    def once(
        self, kind: "str | Listener[EventT]", listener: "Listener[EventT] | None" = None
    ) -> Callable[[], None]:
        """Call the listener with the next event of a type only."""
        name, heard = _subscription(kind, listener)
        once = Once(heard)
        once.stop = self.on(name, once)
        return once.stop

    def off(self, kind: "str | Listener[EventT]", listener: "Listener[EventT] | None" = None) -> bool:
        """Stop a listener; tell whether it was there."""
        name, heard = _subscription(kind, listener)
        listeners = self._listeners.get(name, [])
        found = registered(listeners, heard)
        if found is None:
            return False
        listeners.remove(found)
        if not listeners:
            del self._listeners[name]
        return True

    def on_replay(
        self, kind: "str | Listener[EventT]", listener: "Listener[EventT] | None" = None
    ) -> Callable[[], None]:
        """Call the listener with the events that were, and then with those that come."""
        name, heard = _subscription(kind, listener)
        # By index: the listener may push more, which it has not heard either.
        index = 0
        while (event := self.get(index)) is not None:
            index += 1
            if name in (ANY, event.type):
                _call(heard, event)
        return self.on(name, heard)

    def listener_count(self, kind: str | None = None) -> int:
        """Count the listeners of a type, or all of them."""
        if kind is not None:
            return len(self._listeners.get(kind, []))
        return sum(len(listeners) for listeners in self._listeners.values())

    async def filter(self, kind: str) -> AsyncIterator[EventT]:
        """Read the events of one type, from the first."""
        async for event in self:
            if event.type == kind:
                yield event

    def __aiter__(self) -> AsyncIterator[EventT]:
        return _Reader(self)

    async def at(self, index: int) -> EventT:
        """Give the event of that index as soon as it is there.

        Raises:
            StopAsyncIteration: where the log ended before.
        """
        while index >= len(self._events):
            if self._closed:
                raise self._error or StopAsyncIteration
            arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(arrival)
            try:
                await arrival
            finally:
                if arrival in self._waiting:
                    self._waiting.remove(arrival)
        return self._events[index]

    def get(self, index: int) -> EventT | None:
        """Give the event of that index if it is there."""
        return self._events[index] if index < len(self._events) else None

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for arrival in waiting:
            if not arrival.done():
                arrival.set_result(None)

    def _tell(self, event: EventT) -> bool:
        """Tell the listeners, those of an event that one of them pushes after those of the one it heard."""
        told = [(kind, each) for kind in (event.type, ANY) for each in self._listeners.get(kind, ())]
        self._telling.append((event, told))
        if len(self._telling) > 1:
            return bool(told)
        try:
            while self._telling:
                self._tell_first()
        finally:
            self._telling.clear()
        return bool(told)

    def _tell_first(self) -> None:
        event, told = self._telling[0]
        for kind, listener in told:
            # One before it may have stopped it.
            if listener in self._listeners.get(kind, ()):
                _call(listener, event)
        self._telling.popleft()


class _Reader(Generic[EventT]):
    """One reader's place in the log."""

    __slots__ = ("_buffer", "_next")

    def __init__(self, buffer: EventBuffer[EventT]) -> None:
        self._buffer = buffer
        self._next = 0

    def __aiter__(self) -> "_Reader[EventT]":
        return self

    async def __anext__(self) -> EventT:
        event = self._buffer.get(self._next)
        if event is None:
            event = await self._buffer.at(self._next)
        self._next += 1
        return event


def _subscription(
    kind: "str | Listener[EventT]", listener: "Listener[EventT] | None"
) -> "tuple[str, Listener[EventT]]":
    """Read to what somebody listens: a listener alone hears everything."""
    wanted, heard = (kind, listener) if isinstance(kind, str) else (ANY, kind)
    if heard is None:
        raise TypeError(f"Nobody listens to {wanted!r}: give a function after it")
    if inspect.iscoroutinefunction(heard):
        raise TypeError(
            "A listener of a buffer is called at once, and cannot be async: iterate over the buffer"
        )
    return wanted, heard


def _call(listener: Callable[[EventT], object], event: EventT) -> None:
    try:
        listener(event)
    # A listener is somebody else's code: it must never harm the run, and it must not fail unseen. A cancellation
    # that it raises is its own: ours comes where something is awaited.
    except (Exception, asyncio.CancelledError) as error:
        _log.error("A listener of %s raised", event.type, exc_info=error)

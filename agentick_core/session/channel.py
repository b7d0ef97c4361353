"""A named channel of a session: who publishes and who listens need not know each other."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agentick_core.clock import Clock
from agentick_core.errors import StateError
from agentick_core.messages.blocks import no_metadata

EARLY_ANSWERS_KEPT = 100
_log = logging.getLogger("agentick")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent:
    """What is published: a type, perhaps the id of a request it answers, and a payload."""

    type: str
    payload: Any = None
    id: str | None = None
    channel: str = ""
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


class Channel:
    """Delivers what is published to every subscriber, in the order in which they subscribed."""

    def __init__(self, name: str, clock: Clock, used: Callable[[], object] | None = None) -> None:
        self.name = name
        self._clock = clock
        self._used = used
        self._subscribers: list[Callable[[ChannelEvent], object]] = []
        self._waiting: dict[asyncio.Future[ChannelEvent], str] = {}
        self._answers: dict[str, ChannelEvent] = {}
        self._destroyed = False

    def publish(self, event: ChannelEvent | Mapping[str, Any]) -> ChannelEvent:
        """Deliver an event; gives it as it was delivered, with the channel's name and a timestamp in ms."""
        given = event if isinstance(event, ChannelEvent) else ChannelEvent(**event)
        metadata = {"timestamp": round(self._clock.now() * 1000), **given.metadata}
        if self._used is not None:
            self._used()
        sent = replace(given, channel=self.name, metadata=metadata)
        if sent.type == "response" and sent.id is not None and not self._destroyed:
            self._answer(sent.id, sent)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(sent)
            # A subscriber is somebody else's code: it must never harm whoever publishes.
            except (Exception, asyncio.CancelledError) as error:
                _log.error("A subscriber of the channel %r raised", self.name, exc_info=error)
        return sent

    def subscribe(self, callback: Callable[[ChannelEvent], object]) -> Callable[[], None]:
        """Call back with each event; give the way to stop. On a channel that was destroyed nothing more is heard."""
        if not self._destroyed:
            self._subscribers.append(callback)

        def stop() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return stop

    async def wait_for_response(  # the name the original protocol gives it
        self,
        id: str,
        timeout: float = 30.0,  # noqa: ASYNC109  a reply that is late is an answer, not a cancellation
    ) -> ChannelEvent:
        """Wait for the response to a request, also where it came before; `timeout` is in seconds.

        Raises:
            TimeoutError: where none came in time.
            StateError: where the channel was destroyed.
        """
        early = self._answers.pop(id, None)
        if early is not None:
            return early
        if self._destroyed:
            raise self._gone(id)
        future: asyncio.Future[ChannelEvent] = asyncio.get_running_loop().create_future()
        self._waiting[future] = id
        try:
            return await asyncio.wait_for(future, timeout)
        except TimeoutError:
            raise TimeoutError(
                f'Channel "{self.name}": Request "{id}" timed out after {round(timeout * 1000)}ms'
            ) from None
        finally:
            self._waiting.pop(future, None)

    def destroy(self) -> None:
        """Drop the subscribers and fail whoever waits; from now on nobody is told anything."""
        self._destroyed = True
        self._subscribers.clear()
        self._answers.clear()
        for future, id in self._waiting.items():
            if not future.done():
                future.set_exception(self._gone(id))

    def _gone(self, id: str) -> StateError:
        return StateError(f'Channel "{self.name}" was destroyed while waiting for "{id}"')

    def _answer(self, id: str, event: ChannelEvent) -> None:
        waiting = [future for future, wanted in self._waiting.items() if wanted == id and not future.done()]
        for future in waiting:
            future.set_result(event)
        if waiting:
            return
        self._answers[id] = event
        while len(self._answers) > EARLY_ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]

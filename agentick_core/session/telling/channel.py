"""A named channel of a session: who publishes and who listens need not know each other."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from agentick_core.clock import Clock
from agentick_core.errors import StateError, ValidationError
from agentick_core.messages.blocks import no_metadata
from agentick_core.session.telling.hearing import Hearing

EARLY_ANSWERS_KEPT = 100
EARLY_SECONDS = 5.0
"""How long an answer is kept for a question that comes after it."""
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

    def __init__(
        self,
        name: str,
        clock: Clock,
        used: Callable[[], object] | None = None,
        hearing: Hearing | None = None,
    ) -> None:
        self.name = name
        self._clock = clock
        self._used = used
        self._hearing = hearing or Hearing()
        self._subscribers: list[Callable[[ChannelEvent], object]] = []
        self._waiting: dict[asyncio.Future[ChannelEvent], str] = {}
        self._answers: dict[str, tuple[float, ChannelEvent]] = {}
        self._outbox: deque[ChannelEvent] = deque()
        self._delivering = self._destroyed = False

    def publish(self, event: ChannelEvent | Mapping[str, Any]) -> ChannelEvent:
        """Deliver an event; gives it as it is delivered, with the channel's name and a timestamp in ms.

        What a subscriber publishes meanwhile comes after it, for everybody.

        Raises:
            ValidationError: where it is something else.
        """
        given = event if isinstance(event, ChannelEvent) else _from_mapping(event)
        metadata = {"timestamp": round(self._clock.now() * 1000), **given.metadata}
        if self._used is not None:
            self._used()
        sent = replace(given, channel=self.name, metadata=metadata)
        if sent.type == "response" and sent.id is not None and not self._destroyed:
            self._answer(sent.id, sent)
        self._outbox.append(sent)
        if not self._delivering:
            self._deliver()
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
        """Wait for the response to a request, also where it came up to 5 seconds before; `timeout` is in seconds.

        Raises:
            TimeoutError: where none came in time.
            StateError: where the channel was destroyed.
        """
        self._forget_old_answers()
        if id in self._answers:
            return self._answers.pop(id)[1]
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

    def _deliver(self) -> None:
        self._delivering = True
        try:
            while self._outbox:
                event = self._outbox.popleft()
                for subscriber in tuple(self._subscribers):
                    self._safely(subscriber, event)
        finally:
            self._delivering = False

    def _safely(self, subscriber: Callable[[ChannelEvent], object], event: ChannelEvent) -> None:
        try:
            self._hearing.take(subscriber(event))
        # A subscriber is somebody else's code: it must never harm whoever publishes.
        except (Exception, asyncio.CancelledError) as error:
            _log.error("A subscriber of the channel %r raised", self.name, exc_info=error)

    def _gone(self, id: str) -> StateError:
        return StateError(f'Channel "{self.name}" was destroyed while waiting for "{id}"')

    def _answer(self, id: str, event: ChannelEvent) -> None:
        waiting = [future for future, wanted in self._waiting.items() if wanted == id and not future.done()]
        for future in waiting:
            future.set_result(event)
        if waiting:
            return
        self._forget_old_answers()
        self._answers[id] = self._clock.monotonic(), event
        while len(self._answers) > EARLY_ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]

    def _forget_old_answers(self) -> None:
        oldest = self._clock.monotonic() - EARLY_SECONDS
        self._answers = {id: early for id, early in self._answers.items() if early[0] >= oldest}


def _from_mapping(given: object) -> ChannelEvent:
    event: Mapping[str, Any] = cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
    known = [field.name for field in fields(ChannelEvent)]
    if not isinstance(event.get("type"), str) or not event.keys() <= set(known):
        raise ValidationError(
            f"A channel takes an event, not {given!r}",
            hint='Give a mapping with a type, such as {"type": "sold", "payload": "tea"}; '
            f"known are {', '.join(known)}.",
        )
    return ChannelEvent(**event)

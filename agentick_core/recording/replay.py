"""A model that answers from a recording."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from agentick_core import errors
from agentick_core.errors import NoModelError, ProviderError, StateError
from agentick_core.messages.request import ModelRequest
from agentick_core.models.deltas import MessageClosed, MessageOpened, ModelDelta
from agentick_core.models.model import ModelInfo
from agentick_core.recording.tape import RecordedCall, RecordedFailure, RequestPrint, last_words

PATIENCE = 5.0
"""Seconds for which an answer that was cut off when it was recorded waits to be cut off again."""

PAUSE = 0.005
TURNS = 10
"""What passes before a delta, as on a network: seconds where an answer begins or one has just ended, turns of the
event loop elsewhere."""

LONGEST_WAIT = 0.5
"""Seconds for which a delta waits for those that came before it, in answers that this run may not ask for."""


class ReplayModel:
    """Answers each request as it was answered when it was recorded, every call once; made by `as_model()`.

    A request is recognised by its words. Where something in them differs, as a date or the result of a tool
    does, the first call that is left of the same shape answers: the same kinds of messages, the same tools.
    """

    def __init__(self, calls: Sequence[RecordedCall]) -> None:
        self._calls = tuple(calls)
        self._left = list(calls)
        self._upcoming = deque(sorted(place for call in calls for place in call.order))
        self._given: set[int] = set()
        self._last: ModelDelta | None = None
        self._moved = asyncio.Event()

    @property
    def info(self) -> ModelInfo:
        """What was known about the model that was asked first."""
        if not self._calls:
            raise NoModelError
        return self._calls[0].info

    @property
    def left(self) -> int:
        """How many calls were not asked for yet."""
        return len(self._left)

    def assert_done(self) -> None:
        """Make sure that every call was asked for.

        Raises:
            AssertionError: some were not.
        """
        if self._left:
            raise AssertionError(f"{len(self._left)} of {len(self._calls)} recorded calls were not asked for")

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Give what was recorded; where the call was cut off, wait to be cut off again.

        Raises:
            StateError: the recording has no answer to this request, or nobody cut it off.
            ProviderError: the recorded call failed so.
        """
        call = self._find(request)
        if call is None:
            raise _unknown(request, len(self._left))
        self._left = [each for each in self._left if each is not call]
        try:
            for place, delta in zip(call.order, call.deltas, strict=True):
                await self._in_turn(place, delta)
                yield delta
        finally:
            self._give(*call.order)
        if call.failure is not None:
            raise _error(call.failure)
        if not call.complete:
            await asyncio.sleep(PATIENCE)
            raise StateError(
                "The recorded answer was stopped here", hint="Abort, interrupt or close at the same place."
            )

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give the recorded request in the provider's words."""
        call = self._find(request)
        return call.provider_input if call is not None else None

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""

    async def _in_turn(self, place: int, delta: ModelDelta) -> None:
        """Wait until it is the turn of a delta, so that answers that came at once do so again in the same order."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT):
                while self._upcoming and self._upcoming[0] < place:
                    self._moved.clear()
                    await self._moved.wait()
        while self._upcoming and self._upcoming[0] < place:
            self._given.discard(self._upcoming.popleft())
        if isinstance(delta, MessageOpened) or isinstance(self._last, MessageClosed):
            await asyncio.sleep(PAUSE)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self._last = delta
        self._give(place)

    def _give(self, *places: int) -> None:
        """Note that these deltas were given, or will not be."""
        self._given.update(places)
        while self._upcoming and self._upcoming[0] in self._given:
            self._given.discard(self._upcoming.popleft())
        self._moved.set()

    def _find(self, request: ModelRequest) -> RecordedCall | None:
        wanted = RequestPrint.of(request)
        exact = (call for call in self._left if call.request.exact == wanted.exact)
        alike = (call for call in self._left if call.request.shape == wanted.shape)
        return next(exact, None) or next(alike, None)


def _unknown(request: ModelRequest, left: int) -> StateError:
    said = last_words(request)
    return StateError(
        f"The recording has no answer to this request ({left} calls are left): {said[-200:]!r}",
        hint="Send what was sent when it was recorded, to the same agent, or record again.",
    )


def _error(failure: RecordedFailure) -> Exception:
    kind = getattr(errors, failure.name, None)
    if not (isinstance(kind, type) and issubclass(kind, ProviderError)):
        name = failure.name if failure.name.isidentifier() else "Exception"
        return type(name, (Exception,), {})(failure.message)
    return kind(
        failure.message,
        hint=failure.hint,
        provider=failure.provider,
        status=failure.status,
        retry_after=failure.retry_after,
    )

"""Questions that wait for an answer from outside, by call id: the waiter is there before the question is asked."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Generic, TypeVar

from agentick_core.errors import StateError
from agentick_core.messages.tool import ToolCall

Q = TypeVar("Q")
A = TypeVar("A")


class Waiting(Generic[Q, A]):
    """The open questions of one kind, each with who waits for its answer."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[str, tuple[Q, asyncio.Future[A]]] = {}

    @property
    def pending(self) -> tuple[Q, ...]:
        """The questions that nobody has answered yet, oldest first."""
        return tuple(question for question, answered in self._open.values() if not answered.done())

    @contextmanager
    def opened(self, call_id: str, question: Q) -> Generator[asyncio.Future[A]]:
        """Register the waiter for the block; ask inside it, then await the future.

        Raises StateError where that call waits already.
        """
        if call_id in self._open:
            raise StateError(f"The call {call_id!r} waits for an answer already")
        answered: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._open[call_id] = (question, answered)
        try:
            yield answered
        finally:
            del self._open[call_id]
            # Cancelled, so that an error set by cancel_all() is not reported as never retrieved.
            if not answered.cancel() and not answered.cancelled():
                answered.exception()

    def asks(self, call_id: str) -> bool:
        """Tell whether that call has a question here, though it may just have been answered."""
        return call_id in self._open

    def answer(self, call_id: str, answer: A) -> bool:
        """Answer the question of that call; False where none waits."""
        _, answered = self._open.get(call_id, (None, None))
        if answered is None or answered.done():
            return False
        answered.set_result(answer)
        return True

    def fail(self, call_id: str, error: BaseException) -> bool:
        """Raise the error in whoever waits for that call; False where nobody does."""
        _, answered = self._open.get(call_id, (None, None))
        if answered is None or answered.done():
            return False
        answered.set_exception(error)
        return True

    def cancel_all(self, error: BaseException) -> None:
        """Raise the error in everybody who waits."""
        for _, answered in self._open.values():
            if not answered.done():
                answered.set_exception(error)


class ClientAnswers(Waiting[ToolCall, object]):
    """The calls of client tools that wait for the host's result: `answer(call_id, content)`."""

    __slots__ = ()

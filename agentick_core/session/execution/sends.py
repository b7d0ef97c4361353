"""What the host has to say of each send: before it takes effect, and when it has its result."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from agentick_core.errors import ValidationError
from agentick_core.messages.message import Message
from agentick_core.messages.result import SendResult
from agentick_core.procedures.sparing import sparing_the_caller
from agentick_core.session.app.host_hooks import told
from agentick_core.session.execution.input import SendInput, read_input
from agentick_core.tools.approve import resolved

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore
    from agentick_core.session.execution.handle import SessionExecutionHandle

T = TypeVar("T")
Begin = Callable[[SendInput], Coroutine[Any, Any, "SessionExecutionHandle[T]"]]


class Sends:
    """Asks `on_before_send`, and counts whom `on_after_send` has to be told for each execution."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._turn = asyncio.Lock()
        self._waiting: dict[str, int] = {}

    def send(self, input: SendInput, begin: "Begin[T]") -> "Coroutine[Any, Any, SessionExecutionHandle[T]]":
        """Begin a send with what the host makes of its input.

        While a hook that is async thinks about it, the sends after it wait for their turn.
        """
        hook = self._core.options.hooks.on_before_send
        if hook is None:
            return begin(input)
        if self._turn.locked():
            return self._in_turn(input, None, begin)
        with sparing_the_caller("on_before_send"):
            answer = hook(self._core.life.session, input)
        if isawaitable(answer):
            return self._in_turn(input, answer, begin)
        return begin(_changed(input, answer))

    def count(self, execution_id: str) -> None:
        """Know that one more send waits for the result of the execution."""
        if self._core.options.hooks.on_after_send is not None and execution_id:
            self._waiting[execution_id] = self._waiting.get(execution_id, 0) + 1

    def forget(self, execution_id: str) -> None:
        """Know that the execution never began."""
        self._waiting.pop(execution_id, None)

    async def tell(self, execution_id: str, result: SendResult[Any] | None) -> None:
        """Tell the result of an execution once for each send that it answers."""
        count, hook = self._waiting.pop(execution_id, 0), self._core.options.hooks.on_after_send
        if result is None:
            return
        for _ in range(count):
            try:
                await told(hook, self._core.life.session, result)
            # A hook of the host's: the result stands.
            except Exception as error:
                self._core.report_error(error, "on_after_send")

    async def _in_turn(self, input: SendInput, answer: Any, begin: "Begin[T]") -> "SessionExecutionHandle[T]":
        hook = self._core.options.hooks.on_before_send
        async with self._turn:
            with sparing_the_caller("on_before_send"):
                if answer is None and hook is not None:
                    answer = hook(self._core.life.session, input)
                answer = await resolved(answer)
            self._core.check_open()
            begun = begin(_changed(input, answer))
        return await begun


def _changed(input: SendInput, answer: Any) -> SendInput:
    """Give the input that a hook gave: a whole one, or messages in place of those there were."""
    match answer:
        case None:
            return input
        case SendInput():
            return answer
        case bool():
            raise ValidationError(
                "on_before_send gave a bool, not an input", hint="Raise an error to refuse the send."
            )
        case _:
            return replace(input, messages=_named(read_input(answer, {}).messages, input.messages))


def _named(changed: Sequence[Message], given: Sequence[Message]) -> tuple[Message, ...]:
    """Give each message that stands for one of the given the id of that, where it has none of its own."""
    ids = [each.id for each in given] if len(changed) == len(given) else [""] * len(changed)
    return tuple(each if each.id else replace(each, id=id) for each, id in zip(changed, ids, strict=True))

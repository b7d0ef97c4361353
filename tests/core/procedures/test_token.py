"""A cancel token: who is told of the end, and from where it may be cancelled."""

import asyncio

import pytest

from agentick_core.errors import AbortError, StateError
from agentick_core.procedures.token import CancelToken


def test_everybody_who_asked_is_told_once_and_who_asks_later_at_once() -> None:
    token, told = CancelToken(), list[str]()
    token.on_cancel(lambda error: told.append(f"first {error.reason}"))
    forget = token.on_cancel(lambda _: told.append("forgotten"))
    forget()
    forget()
    token.cancel("enough")
    token.cancel("more")
    token.on_cancel(lambda error: told.append(f"late {error.reason}"))()
    assert told == ["first enough", "late enough"]
    assert token.cancelled
    with pytest.raises(AbortError):
        token.raise_if_cancelled()


def fail(_: AbortError) -> None:
    raise KeyError("mine")


def test_one_who_raises_keeps_nobody_from_being_told() -> None:
    token, told = CancelToken(), list[AbortError]()
    token.on_cancel(fail)
    token.on_cancel(told.append)
    token.cancel()
    assert told == [token.error]


async def test_the_work_of_one_thread_is_not_cancelled_from_another() -> None:
    token, told = CancelToken(), list[AbortError]()
    token.on_cancel(told.append)
    for use in (token.cancel, lambda: token.on_cancel(told.append)):
        with pytest.raises(StateError, match="from another thread") as failure:
            await asyncio.to_thread(use)
        assert "call_soon_threadsafe(token.cancel)" in failure.value.hint
    assert (token.cancelled, told) == (False, [])
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(loop.call_soon_threadsafe, token.cancel)
    async with asyncio.timeout(5):
        while not told:
            await asyncio.sleep(0)
    assert token.cancelled


async def test_a_token_that_nobody_listens_to_is_cancelled_from_anywhere_and_read_anywhere() -> None:
    token, told = CancelToken(), list[AbortError]()
    token.on_cancel(told.append)()
    await asyncio.to_thread(token.cancel, "elsewhere")
    assert await asyncio.to_thread(lambda: token.cancelled)
    token.on_cancel(told.append)
    assert [error.reason for error in told] == ["elsewhere"]
    await asyncio.to_thread(token.cancel, "again")

"""When a failed model call is tried again, and how long it waits."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from agentick_core.errors import (
    AuthenticationError,
    ConnectionFailedError,
    IncompleteStreamError,
    NoModelError,
    OverloadedError,
    QuotaError,
    RateLimitError,
)
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import MessageClosed, MessageOpened, ModelDelta, TextDelta, UsageDelta
from agentick_core.models.model import ModelInfo
from agentick_core.models.retry import RetryPolicy, stream_with_retry
from agentick_core.testing.scripted import Reply, ScriptedModel, reply

BUSY = OverloadedError("Busy.")
REQUEST = ModelRequest()


class Waits(list[float]):
    """Takes the place of sleeping, and remembers how long it would have been."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)

    def policy(self, **options: float) -> RetryPolicy:
        return RetryPolicy(sleep=self, random=lambda: 0.0, **options)  # pyright: ignore[reportArgumentType]  # a shorthand


async def said(stream: AsyncGenerator[ModelDelta, None]) -> str:
    async with aclosing(stream) as deltas:
        return "".join([delta.text async for delta in deltas if isinstance(delta, TextDelta)])


async def test_beat_54_it_waits_twice_as_long_each_time_and_gives_up_after_four_retries():
    waits, retries = Waits(), list[tuple[int, float, str]]()
    model = ScriptedModel(BUSY, BUSY, BUSY, BUSY, BUSY)

    def keep(attempt: int, delay: float, reason: str) -> None:
        retries.append((attempt, delay, reason))

    with pytest.raises(OverloadedError):
        await said(stream_with_retry([model], REQUEST, policy=waits.policy(), on_retry=keep))

    assert waits == [0.5, 1.0, 2.0, 4.0]
    assert retries == [(1, 0.5, "Busy."), (2, 1.0, "Busy."), (3, 2.0, "Busy."), (4, 4.0, "Busy.")]
    model.assert_done()


async def test_a_delay_has_an_upper_limit_and_jitter_only_shortens_it():
    policy = RetryPolicy(random=lambda: 1.0)

    assert policy.delay(1, BUSY) == 0.375
    assert RetryPolicy(retries=99, random=lambda: 0.0).delay(20, BUSY) == 30.0


async def test_retry_after_is_obeyed_and_too_long_a_wait_is_refused():
    waits = Waits()
    patient = RateLimitError("Slow down.", retry_after=42.0)
    endless = RateLimitError("Tomorrow.", retry_after=3600.0)

    assert (
        await said(stream_with_retry([ScriptedModel(patient, "Hi")], REQUEST, policy=waits.policy())) == "Hi"
    )
    with pytest.raises(RateLimitError, match="Tomorrow"):
        await said(stream_with_retry([ScriptedModel(endless)], REQUEST, policy=waits.policy()))

    assert waits == [42.0]


@pytest.mark.parametrize("error", [AuthenticationError("No."), QuotaError("Empty."), ValueError("A bug.")])
async def test_what_does_not_pass_by_itself_is_not_tried_again(error: Exception):
    waits = Waits()

    with pytest.raises(type(error)):
        await said(stream_with_retry([ScriptedModel(error)], REQUEST, policy=waits.policy()))

    assert waits == []


async def test_after_the_first_token_a_failure_is_final():
    waits, heard = Waits(), list[ModelDelta]()
    model = ScriptedModel(reply("Half", error=ConnectionFailedError("Gone.")))

    with pytest.raises(ConnectionFailedError):
        async for delta in stream_with_retry([model, ScriptedModel()], REQUEST, policy=waits.policy()):
            heard.append(delta)

    assert heard == [MessageOpened(), TextDelta("Half")]
    assert waits == []


async def test_a_failed_try_leaves_no_trace_in_the_answer():
    opened = reply(error=BUSY)
    waits = Waits()

    stream = stream_with_retry([ScriptedModel(opened, "Hi")], REQUEST, policy=waits.policy())
    heard = [delta async for delta in stream]

    assert heard == [MessageOpened(), TextDelta("Hi"), MessageClosed("stop", Usage(10, 5, 15))]


async def test_then_the_next_model_is_asked():
    waits, reasons = Waits(), list[str]()
    first, second = ScriptedModel(BUSY, BUSY), ScriptedModel("Hi", name="second")

    heard = await said(
        stream_with_retry(
            [first, second],
            REQUEST,
            policy=waits.policy(retries=1),
            on_retry=lambda attempt, delay, reason: reasons.append(f"{attempt} {delay} {reason}"),
        )
    )

    assert heard == "Hi"
    assert reasons == ["1 0.5 Busy.", "2 0.0 Busy. Going on with scripted:second."]


async def test_an_empty_quota_goes_on_to_the_next_model_without_waiting():
    waits = Waits()
    models = [ScriptedModel(QuotaError("Empty.")), ScriptedModel("Hi")]

    assert await said(stream_with_retry(models, REQUEST, policy=waits.policy())) == "Hi"
    assert waits == []


async def test_a_stream_that_ends_without_its_closing_delta_is_an_error():
    waits = Waits()

    with pytest.raises(IncompleteStreamError):
        await said(stream_with_retry([ScriptedModel([TextDelta("Half")])], REQUEST, policy=waits.policy()))
    early = ScriptedModel([MessageOpened(), UsageDelta(Usage(1))], "Hi")
    assert await said(stream_with_retry([early], REQUEST, policy=waits.policy())) == "Hi"


async def test_a_stream_without_anything_in_it_is_an_error_that_says_so():
    waits = Waits()

    with pytest.raises(IncompleteStreamError, match="no model output was received"):
        await said(
            stream_with_retry([ScriptedModel.repeat(Reply())], REQUEST, policy=waits.policy(retries=1))
        )


async def test_no_model_at_all_is_said():
    with pytest.raises(NoModelError):
        await said(stream_with_retry([], REQUEST))


class LeftOpen:
    """A model that never answers, and tells when its stream was closed."""

    def __init__(self) -> None:
        self.asked, self.closed = asyncio.Event(), asyncio.Event()

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(id="open", provider="test")

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        try:
            yield TextDelta("Hi")
            self.asked.set()
            await asyncio.Event().wait()
        finally:
            self.closed.set()

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        return None

    async def aclose(self) -> None:
        return


async def test_cancelling_the_reader_closes_the_stream_below():
    model = LeftOpen()
    task = asyncio.create_task(said(stream_with_retry([model], REQUEST)))
    await asyncio.wait_for(model.asked.wait(), 5)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert model.closed.is_set()


async def test_leaving_early_closes_the_stream_below():
    model = LeftOpen()
    async with aclosing(stream_with_retry([model], REQUEST)) as deltas:
        async for _ in deltas:
            break

    assert model.closed.is_set()

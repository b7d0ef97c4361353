"""How a failed model call is tried again: with backoff, only before the first token, then with the next model."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from agentick_core.errors import IncompleteStreamError, NoModelError, ProviderError, QuotaError
from agentick_core.messages.request import ModelRequest
from agentick_core.models.deltas import MessageClosed, MessageOpened, ModelDelta, UsageDelta
from agentick_core.models.model import ChatModel

OnRetry: TypeAlias = Callable[[int, float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long: all times in seconds.

    The n-th delay is `first_delay * 2 ** (n - 1)`, at most `max_delay`, less up to `jitter` of it. What the
    provider asks for in Retry-After is waited for instead; if that is more than `max_retry_after`, the model
    is given up at once.
    """

    retries: int = 4
    first_delay: float = 0.5
    max_delay: float = 30.0
    max_retry_after: float = 60.0
    jitter: float = 0.25
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = random.random

    def delay(self, attempt: int, error: ProviderError) -> float | None:
        """Give the wait before retry number `attempt`, counted from 1; None where there is none left."""
        if attempt > self.retries or not error.retryable:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.max_retry_after else None
        full = min(self.max_delay, self.first_delay * 2 ** (attempt - 1))
        return full * (1 - self.jitter * self.random())


DEFAULT_POLICY = RetryPolicy()


async def stream_with_retry(
    models: Sequence[ChatModel],
    request: ModelRequest,
    *,
    policy: RetryPolicy = DEFAULT_POLICY,
    on_retry: OnRetry | None = None,
    on_ask: Callable[[ChatModel], None] | None = None,
) -> AsyncGenerator[ModelDelta, None]:
    """Ask the first model, again where it failed in a way that may pass, then the others in order.

    A call is tried again only while nothing of its answer was given out. `on_retry(attempt, delay, reason)` is
    called before each wait, and with the delay 0 before the next model is asked; `on_ask(model)` before each try.
    The last error is raised.
    """
    if not models:
        raise NoModelError
    for place, model in enumerate(models):
        attempt = 0
        while True:
            attempt += 1
            said = False
            if on_ask is not None:
                on_ask(model)
            try:
                async with aclosing(_from_first_token(model.stream(request))) as deltas:
                    async for delta in deltas:
                        said = True
                        yield delta
                return
            except ProviderError as error:
                delay = policy.delay(attempt, error)
                following = models[place + 1 :]
                if said or (delay is None and not (following and _passes_on(error))):
                    raise
                reason = _reason(error, following[0] if delay is None else None)
            if on_retry is not None:
                on_retry(attempt, delay or 0.0, reason)
            if delay is None:
                break
            await policy.sleep(delay)


def _passes_on(error: ProviderError) -> bool:
    return error.retryable or isinstance(error, QuotaError)


def _reason(error: ProviderError, following: ChatModel | None) -> str:
    if following is None:
        return error.message
    return f"{error.message} Going on with {following.info.spec or following.info.id}."


async def _from_first_token(stream: AsyncIterator[ModelDelta]) -> AsyncGenerator[ModelDelta, None]:
    """Hold back what comes before the first token, so that a retry leaves no trace; demand the closing delta."""
    held: list[ModelDelta] = []
    last: ModelDelta | None = None
    try:
        async for delta in stream:
            last = delta
            if isinstance(delta, MessageOpened | UsageDelta):
                held.append(delta)
                continue
            for early in held:
                yield early
            held.clear()
            yield delta
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
    if isinstance(last, MessageClosed):
        return
    ended = "The model's answer ended before it was complete."
    if last is None:
        ended = "Streaming completed but no model output was received."
    raise IncompleteStreamError(ended, hint="Send the message again.")

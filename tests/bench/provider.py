"""The loopback provider in a thread of its own, with the times at which requests came and clients went away."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.fakes import Answer, FakeProvider
from tests.fakes.server import Recorded

Reply: TypeAlias = Callable[[int], Answer]
Asked: TypeAlias = Callable[[], None]


@dataclass(slots=True)
class Provider:
    """What is known of the server: its address, and when what happened, by `time.perf_counter`.

    `reply` makes the answer from the number of the request; `asked` is called when one comes in.
    """

    reply: Reply
    asked: Asked | None = None
    base_url: str = ""
    requests: list[float] = field(default_factory=list[float])
    left: list[float] = field(default_factory=list[float])
    _news: threading.Condition = field(default_factory=threading.Condition)

    def wait_for_request(self, number: int, timeout: float = 60.0) -> float:
        """Wait for request `number`, counted from 1; give its time."""
        return self._wait(self.requests, number, timeout)

    def wait_until_left(self, number: int, timeout: float = 60.0) -> float:
        """Wait until that many clients went away in the middle of an answer; give the time of the last."""
        return self._wait(self.left, number, timeout)

    def _wait(self, times: list[float], number: int, timeout: float) -> float:
        with self._news:
            if not self._news.wait_for(lambda: len(times) >= number, timeout):
                raise TimeoutError(f"The server waited in vain for {number}, {len(times)} came")
            return times[number - 1]

    def answer(self, _: Recorded) -> Answer:
        """Note a request, and give its answer."""
        if self.asked is not None:
            self.asked()
        self._note(self.requests)
        return self.reply(len(self.requests))

    async def watch(self, server: FakeProvider) -> None:
        """Note each client that goes away."""
        while True:
            await server.left.wait()
            server.left.clear()
            self._note(self.left)

    def _note(self, times: list[float]) -> None:
        with self._news:
            times.append(time.perf_counter())
            self._news.notify_all()


@contextmanager
def serving(reply: Reply, asked: Asked | None = None) -> Generator[Provider]:
    """Run a provider as long as the context lasts."""
    provider = Provider(reply, asked)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with FakeProvider(provider.answer) as server:
            provider.base_url = server.base_url
            watch = asyncio.create_task(provider.watch(server))
            ready.set()
            await stop.wait()
            watch.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()

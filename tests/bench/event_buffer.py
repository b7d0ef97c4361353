"""The shared log of events, beside a bare list with the same two readers and the same wake-ups."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

from agentick_core.events.buffer import EventBuffer
from agentick_core.events.model import ContentDelta
from agentick_core.events.union import StreamEvent
from tests.bench.figure import Figure, middle

EVENTS = 100_000
AT_ONCE = 100
RUNS = 5
BUDGET = 3.0


class BareLog:
    """The least two readers can share: a list, and a future for each that waits."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.closed = False

    def wake(self) -> None:
        """Wake whoever waits."""
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each.set_result(None)

    async def read(self) -> int:
        """Read everything; give how much it was."""
        place = 0
        while True:
            while place < len(self.events):
                self.events[place]
                place += 1
            if self.closed:
                return place
            arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(arrival)
            await arrival


def measure() -> Iterator[Figure]:
    """Measure both in turn."""
    events = [_event(number) for number in range(EVENTS)]
    bare: list[float] = []
    shared: list[float] = []
    for _ in range(RUNS):
        bare.append(asyncio.run(_timed(lambda: _through_list(events))))
        shared.append(asyncio.run(_timed(lambda: _through_buffer(events))))
    ratio = middle(shared) / middle(bare)
    beside = f"bare list {middle(bare) * 1000:.0f} ms, buffer {middle(shared) * 1000:.0f} ms"
    yield Figure(
        what="100,000 events, two readers, over a bare list",
        value=ratio,
        unit="x",
        budget=BUDGET,
        beside=beside,
    )


def _event(number: int) -> StreamEvent:
    return ContentDelta(id=str(number), sequence=number, tick=1, time=0.0, execution_id="run", delta="word ")


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.process_time()
    await work()
    return time.process_time() - began


async def _through_list(events: list[StreamEvent]) -> None:
    log = BareLog()
    readers = [asyncio.create_task(log.read()) for _ in range(2)]
    for number, event in enumerate(events):
        log.events.append(event)
        if number % AT_ONCE == 0:
            log.wake()
            await asyncio.sleep(0)
    log.closed = True
    log.wake()
    assert await asyncio.gather(*readers) == [EVENTS, EVENTS]


async def _through_buffer(events: list[StreamEvent]) -> None:
    buffer: EventBuffer[StreamEvent] = EventBuffer()

    async def read() -> int:
        count = 0
        async for _ in buffer:
            count += 1
        return count

    readers = [asyncio.create_task(read()) for _ in range(2)]
    for number, event in enumerate(events):
        buffer.push(event)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    buffer.close()
    assert await asyncio.gather(*readers) == [EVENTS, EVENTS]

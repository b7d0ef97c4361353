"""CPU and bytes of a delta at 100 a second, and of a screen on which nothing happens."""

import time
from collections.abc import Iterator

from tests.bench.figure import Figure
from tests.bench.program import new_home
from tests.bench.prose import END, answer
from tests.bench.provider import serving
from tests.bench.streaming import opened, streamed
from tests.bench.terminal import Terminal
from tests.fakes import Answer

DELTAS = 1000
PACE = 0.0096
IDLE_SECONDS = 5.0
CPU_BUDGET = 1.2
BYTES_BUDGET = 600.0
IDLE_BUDGET = 0.5


def measure() -> Iterator[Figure]:
    """Measure one answer of ten seconds, after a short one that opens the connection; then nothing for a while."""
    short, long = Answer(text=[END]), Answer(text=answer(DELTAS), pace=PACE)
    with (
        new_home() as home,
        serving(lambda number: short if number == 1 else long) as provider,
        opened(home, provider) as terminal,
    ):
        first = streamed(terminal)
        cost = streamed(terminal, "go on")
        idle_cpu, idle_bytes = idle(terminal)
    rate = (
        f"{DELTAS / cost.seconds:.0f} a second; what only the first answer costs: {first.cpu * 1000:.0f} ms"
    )
    yield Figure(
        what="CPU per delta at 100 a second",
        value=cost.cpu / DELTAS * 1000,
        unit="ms",
        budget=CPU_BUDGET,
        beside=rate,
    )
    yield Figure(
        what="bytes per delta at 100 a second",
        value=cost.written / DELTAS,
        unit="B",
        budget=BYTES_BUDGET,
        beside=rate,
    )
    yield Figure(what="idle, bytes in five seconds", value=idle_bytes, unit="B", budget=0)
    yield Figure(what="idle, CPU", value=idle_cpu * 100, unit="%", budget=IDLE_BUDGET)


def idle(terminal: Terminal) -> tuple[float, int]:
    """Give the share of a CPU and the bytes that nothing takes, once the answer's leftovers are done."""
    time.sleep(1)
    cpu, written = terminal.cpu, terminal.written
    time.sleep(IDLE_SECONDS)
    return (terminal.cpu - cpu) / IDLE_SECONDS, terminal.written - written

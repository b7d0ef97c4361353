"""Prints each budget with its figure: `python -m tests.bench [--only NAME ...]`. Ends with 1 where one fails."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.bench import (
    cold,
    event_buffer,
    fast_deltas,
    fence,
    first_answer,
    interrupt,
    keys,
    memory,
    paced_deltas,
    redraw,
    resume,
    start,
    store,
    tick,
)
from tests.bench.figure import HEAD, Figure

MEASUREMENTS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "start": start.measure,
    "answer": first_answer.measure,
    "fast": fast_deltas.measure,
    "paced": paced_deltas.measure,
    "keys": keys.measure,
    "resume": resume.measure,
    "memory": memory.measure,
    "fence": fence.measure,
    "redraw": redraw.measure,
    "interrupt": interrupt.measure,
    "cold": cold.measure,
    "tick": tick.measure,
    "store": store.measure,
    "buffer": event_buffer.measure,
}
SWITCH_SECONDS = 0.0005
"""The bench's own threads take turns this often, so that none makes another's times longer."""


def run(names: Sequence[str]) -> int:
    """Measure, print each line as it is known, and give the exit code."""
    sys.setswitchinterval(SWITCH_SECONDS)
    began, failed = time.perf_counter(), 0
    say(HEAD)
    for name in names:
        try:
            for figure in MEASUREMENTS[name]():
                say(figure.line())
                failed += figure.fails
        except TimeoutError as error:
            say(f"{name}: FAILS, {error}")
            failed += 1
    say(f"\n{time.perf_counter() - began:.0f} s; {failed} beyond twice the budget, or not to be measured")
    return min(1, failed)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=[*MEASUREMENTS], metavar="NAME", help="one of %(choices)s"
    )
    names: Sequence[str] = parser.parse_args().only or [*MEASUREMENTS]
    if not sys.platform.startswith("linux"):
        say("The bench reads the kernel's own figures and runs on Linux alone.")
        return 2
    return run(names)


if __name__ == "__main__":
    raise SystemExit(main())

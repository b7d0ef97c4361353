"""From a key to the screen while an answer streams at 100 deltas a second."""

import time
from collections.abc import Iterator
from random import Random

from tests.bench.figure import Figure, at_share, middle
from tests.bench.paced_deltas import PACE
from tests.bench.program import new_home
from tests.bench.prose import answer
from tests.bench.provider import serving
from tests.bench.streaming import opened
from tests.bench.terminal import Terminal
from tests.fakes import Answer

DELTAS = 1600
KEYS = 150
LETTERS = [chr(code) for code in range(0x100, 0x100 + KEYS)]
"""Letters that occur nowhere else: each is found on the screen by itself."""
BUDGETS = (8.0, 25.0)


def measure() -> Iterator[Figure]:
    """Type while an answer comes."""
    text = answer(DELTAS)
    with (
        new_home() as home,
        serving(lambda _: Answer(text=text, pace=PACE)) as provider,
        opened(home, provider) as terminal,
    ):
        terminal.type("\r")
        provider.wait_for_request(1)
        time.sleep(1)
        delays = typed(terminal)
    for name, value, budget in zip(
        ("median", "p95"), (middle(delays), at_share(delays, 0.95)), BUDGETS, strict=True
    ):
        what = f"key to screen at 100 a second, {name}"
        yield Figure(
            what=what,
            value=value * 1000,
            unit="ms",
            budget=budget,
            beside=f"worst {max(delays) * 1000:.0f} ms",
        )


def typed(terminal: Terminal) -> list[float]:
    """Type the letters one after the other, as a person does; give the seconds each took to be shown."""
    random = Random(3)
    delays: list[float] = []
    for letter in LETTERS:
        time.sleep(random.uniform(0.06, 0.12))
        begun = terminal.written
        sent = terminal.type(letter)
        delays.append(terminal.wait_for(letter, since=begun) - sent)
    return delays

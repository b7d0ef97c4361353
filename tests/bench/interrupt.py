"""From the interrupt key to the model call cancelled, as the server sees it."""

import time
from collections.abc import Iterator

from tests.bench.figure import Figure, middle
from tests.bench.paced_deltas import PACE
from tests.bench.program import new_home
from tests.bench.prose import answer
from tests.bench.provider import serving
from tests.bench.streaming import opened
from tests.fakes import Answer

RUNS = 5
KEYS = {
    "Ctrl+C": ("\x03", 50.0, ""),
    "Esc": ("\x1b", 160.0, "Textual waits 101 ms for what may follow an ESC"),
}


def measure() -> Iterator[Figure]:
    """Interrupt answers with either key."""
    text = answer(3000)
    times: dict[str, list[float]] = {name: [] for name in KEYS}
    with (
        new_home() as home,
        serving(lambda _: Answer(text=text, pace=PACE)) as provider,
        opened(home, provider) as terminal,
    ):
        for number, name in enumerate((*KEYS,) * RUNS, 1):
            terminal.type("go\r")
            provider.wait_for_request(number)
            time.sleep(0.5)
            begun = terminal.written
            sent = terminal.type(KEYS[name][0])
            times[name].append(provider.wait_until_left(number) - sent)
            terminal.wait_for("○ idle", since=begun)
    for name, (_, budget, beside) in KEYS.items():
        value = middle(times[name]) * 1000
        yield Figure(
            what=f"{name} to the model call cancelled", value=value, unit="ms", budget=budget, beside=beside
        )

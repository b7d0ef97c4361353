"""From Enter to the first word of the answer on the screen, from a server that answers at once."""

import subprocess
import sys
from collections.abc import Iterator

from tests.bench.figure import Figure, middle
from tests.bench.program import Home, new_home
from tests.bench.prose import END
from tests.bench.provider import Provider, serving
from tests.fakes import Answer

RUNS = 5
BUDGET = 300.0
SDK = "openai.resources.chat.completions"
IMPORT = f"import time; began = time.perf_counter(); import {SDK}; print(time.perf_counter() - began)"


def measure() -> Iterator[Figure]:
    """Measure the first answer: with the SDK loaded, and to a message that is sent at the first key."""
    with new_home() as home, serving(lambda _: Answer(text=[END])) as provider:
        loaded = [_loaded(home, provider) for _ in range(RUNS)]
        leaving = middle([left for _, left in loaded])
        sdk = middle([_import_seconds(home) for _ in range(RUNS)])
        at_once = middle([_at_once(home, provider) for _ in range(RUNS)])
    yield Figure(
        what="first answer, the SDK loaded",
        value=middle([shown for shown, _ in loaded]) * 1000,
        unit="ms",
        budget=BUDGET,
        beside=f"the request left after {leaving * 1000:.0f} ms",
    )
    yield Figure(
        what="first answer, sent at the first key",
        value=at_once * 1000,
        unit="ms",
        budget=BUDGET + sdk * 1000,
        beside=f"the budget is {BUDGET:.0f} ms and the SDK's import, {sdk * 1000:.0f} ms",
    )


def _loaded(home: Home, provider: Provider) -> tuple[float, float]:
    """Give the seconds to the answer, and those until the request has left."""
    with home.chat_with(provider.base_url) as terminal:
        terminal.first_key()
        terminal.settle()
        sent = terminal.type("\r")
        shown = terminal.wait_for(END)
        return shown - sent, provider.requests[-1] - sent


def _at_once(home: Home, provider: Provider) -> float:
    with home.chat_with(provider.base_url) as terminal:
        terminal.first_key()
        sent = terminal.type("\r")
        return terminal.wait_for(END) - sent


def _import_seconds(home: Home) -> float:
    run = [sys.executable, "-c", IMPORT]
    return float(subprocess.run(run, env=home.environment, capture_output=True, check=True).stdout)

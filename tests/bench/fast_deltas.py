"""The CPU of a delta when 10,000 come as fast as they can, beside the provider's SDK that only reads them."""

import subprocess
import sys
from collections.abc import Iterator

from tests.bench.figure import Figure, middle
from tests.bench.program import Home, new_home
from tests.bench.prose import answer
from tests.bench.provider import Provider, serving
from tests.bench.streaming import opened, streamed
from tests.fakes import Answer

DELTAS = 10_000
RUNS = 3
BUDGET = 0.1


def measure() -> Iterator[Figure]:
    """Measure one answer of 10,000 deltas."""
    text = answer(DELTAS)
    with new_home() as home, serving(lambda _: Answer(text=text)) as provider:
        sdk = middle([sdk_alone(home, provider) for _ in range(RUNS)])
        costs: list[float] = []
        for _ in range(RUNS):
            with opened(home, provider) as terminal:
                costs.append(streamed(terminal).cpu / DELTAS * 1000)
    yield Figure(
        what="CPU per delta, 10,000 as fast as they come",
        value=middle(costs),
        unit="ms",
        budget=BUDGET,
        beside=f"a bare loop over the SDK's own stream {sdk:.3f} ms",
    )


def sdk_alone(home: Home, provider: Provider) -> float:
    """Give the milliseconds of CPU per delta that the SDK takes without agentick."""
    run = [sys.executable, "-m", "tests.bench.sdk_loop", provider.base_url]
    return float(subprocess.run(run, env=home.environment, capture_output=True, check=True).stdout) / 1000

"""The CPU of a delta of one code fence of 200 KB."""

from collections.abc import Iterator

from tests.bench.fast_deltas import sdk_alone
from tests.bench.figure import Figure
from tests.bench.program import new_home
from tests.bench.prose import python_fence
from tests.bench.provider import serving
from tests.bench.streaming import opened, streamed
from tests.fakes import Answer

SIZE = 200_000
PIECE = 10
BUDGET = 0.2


def measure() -> Iterator[Figure]:
    """Measure one answer."""
    text = python_fence(SIZE, PIECE)
    with new_home() as home, serving(lambda _: Answer(text=text)) as provider:
        sdk = sdk_alone(home, provider)
        with opened(home, provider) as terminal:
            cost = streamed(terminal).cpu / len(text) * 1000
    beside = f"{len(text):,} deltas; a bare loop over the SDK's own stream {sdk:.3f} ms"
    yield Figure(
        what="CPU per delta of a 200 KB code fence", value=cost, unit="ms", budget=BUDGET, beside=beside
    )

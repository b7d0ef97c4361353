"""The CPU of what does not open a screen: `--version`, the engine's import, `run` until its request leaves."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.figure import Figure, middle
from tests.bench.process import cpu_seconds
from tests.bench.program import MAIN, Home, new_home
from tests.bench.prose import END
from tests.bench.provider import serving
from tests.fakes import Answer

RUNS = 7
# As `run` imports it: garbage is held, and the SDK's own transport comes when its client is made.
SDK = (
    "import agentick_tui.engine.run, asyncio, gc, ssl, time; gc.disable(); began = time.process_time(); "
    "import openai.resources.chat.completions, httpcore2; print(time.process_time() - began)"
)


def measure() -> Iterator[Figure]:
    """Measure the three."""
    with new_home() as home:
        python = child_cpu(home, "-c", "pass")
        version = child_cpu(home, "-c", MAIN, "--version")
        core = child_cpu(home, "-c", "import agentick_core") - python
        sdk = middle([float(said(home, "-c", SDK)) for _ in range(RUNS)])
        leaving = middle([run_until_request(home) for _ in range(RUNS)])
    bare = f"Python alone {python * 1000:.0f} ms"
    yield Figure(what="agentick --version, CPU", value=version * 1000, unit="ms", budget=80, beside=bare)
    yield Figure(what="import agentick_core, CPU", value=core * 1000, unit="ms", budget=30, beside=bare)
    yield Figure(
        what="agentick run until the request leaves, CPU, no SDK",
        value=(leaving - sdk) * 1000,
        unit="ms",
        budget=200,
        beside=f"in all {leaving * 1000:.0f} ms, the SDK's import {sdk * 1000:.0f} ms",
    )


def child_cpu(home: Home, *arguments: str) -> float:
    """Give the CPU that Python takes with these arguments, in seconds."""
    costs: list[float] = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said(home, *arguments)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return middle(costs)


def said(home: Home, *arguments: str) -> bytes:
    """Run Python, and give what it printed."""
    return subprocess.run(
        [sys.executable, *arguments], env=home.environment, capture_output=True, check=True
    ).stdout


def run_until_request(home: Home) -> float:
    """Give the CPU that `agentick run` has used when its request reaches the server, in seconds."""
    pids: list[int] = []
    used: list[float] = []

    def asked() -> None:
        while not pids:
            time.sleep(0.001)
        used.append(cpu_seconds(pids[0]))

    with serving(lambda _: Answer(text=[END]), asked) as provider:
        command: Sequence[str] = ("run", "--model", "openai:bench", "--base-url", provider.base_url, "Hello")
        with subprocess.Popen(
            [sys.executable, "-c", MAIN, *command],
            env=home.environment,
            cwd=home.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            pids.append(process.pid)
            provider.wait_for_request(1)
    return used[0]

"""What holds for every test: its own home, no keys, no network but loopback, nothing that blocks an event loop."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from pydantic import create_model

from tests.event_loop_watch import EventLoopWatch
from tests.loopback_only import loopback_only

# Set before Textual is imported: it reads them once.
os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none", TZ="UTC")
for _name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "COLORFGBG", "CLICOLOR", "CLICOLOR_FORCE"):
    os.environ.pop(_name, None)

settings.register_profile(
    "agentick",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("agentick")

OURS = ("AGENTICK_", "OPENAI_", "ANTHROPIC_", "XDG_")


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test an `AGENTICK_HOME` of its own, and no key of the user's."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    with tempfile.TemporaryDirectory(prefix="agentick-test-", ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        monkeypatch.setenv("AGENTICK_HOME", str(home))
        yield home


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave the machine."""
    with loopback_only():
        yield


@pytest.fixture(autouse=True, scope="session")
def pydantic_plugins() -> None:
    """Let pydantic look for plugins now: it reads the metadata of every package, once, at its first model."""
    create_model("First")


@pytest.fixture(autouse=True)
def nothing_blocks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which our code sleeps, opens a file or a database, or starts a process on an event loop."""
    item = cast("pytest.Item", request.node)  # pyright: ignore[reportUnknownMemberType]  # pytest leaves it untyped
    if item.get_closest_marker("blocking") is not None:
        yield
        return
    with EventLoopWatch() as watch:
        yield
    if watch.calls:
        pytest.fail("blocks the event loop:\n" + "\n".join(dict.fromkeys(watch.calls)), pytrace=False)

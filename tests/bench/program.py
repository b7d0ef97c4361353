"""How the bench starts agentick: the real program, in a home of its own, without keys."""

import os
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.terminal import Terminal

ROOT = Path(__file__).parents[2]
MAIN = "from agentick_tui.cli import main; main()"
KEPT = ("PATH", "HOME", "LANG")


@dataclass(frozen=True, slots=True)
class Home:
    """A folder for agentick's files, that is gone afterwards."""

    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the programs that are measured."""
        return {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "AGENTICK_HOME": str(self.folder),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT),
        }

    @property
    def database(self) -> Path:
        """The file of the sessions."""
        return self.folder / "sessions.db"

    def chat(self, *arguments: str) -> Terminal:
        """Open the chat."""
        return self.terminal("-c", MAIN, *arguments)

    def chat_with(self, base_url: str, *arguments: str) -> Terminal:
        """Open the chat with the loopback provider, which speaks OpenAI's protocol."""
        return self.chat("--model", "openai:bench", "--base-url", base_url, *arguments)

    def terminal(self, *arguments: str) -> Terminal:
        """Run Python in a terminal."""
        return Terminal([sys.executable, *arguments], self.environment, str(self.folder))


@contextmanager
def new_home() -> Generator[Home]:
    """Make a home for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="agentick-bench-") as folder:
        yield Home(Path(folder))

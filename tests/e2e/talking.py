"""A chat with a provider on the loopback that says what a test has it say."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.agent_file import agent_file, keys, provider_flags
from tests.e2e.terminal import Terminal, chat
from tests.fakes import FakeProvider, fake_provider_thread
from tests.fakes.script import Answer, words
from tests.fakes.server import Script

ENDLESS = Answer(text=words("stream " * 3000), pace=0.02)


@contextmanager
def talking(
    script: Script,
    folder: Path,
    *arguments: str,
    provider: str = "openai",
    agent: str = "",
    size: tuple[int, int] = (24, 100),
) -> Generator[tuple[Terminal, FakeProvider]]:
    """Open the chat with the agent of the tests, or with the one in the file `agent`."""
    with fake_provider_thread(script) as server:
        flags = ("--app", agent or agent_file(folder), *provider_flags(provider, server.base_url))
        with chat(*flags, *arguments, env=keys(), size=size) as terminal:
            yield terminal.ready(), server


def asked(server: FakeProvider, request: int) -> list[str]:
    """Give what the user said in a request, message by message."""
    messages = server.requests[request].body["messages"]
    return [json.dumps(each["content"]) for each in messages if each["role"] == "user"]

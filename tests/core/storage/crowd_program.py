"""One of several programs on a store: `python -m tests.core.storage.crowd_program PATH NAME` says what went wrong."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from agentick_core import Nodes, Timeline, component, create_app
from agentick_core.testing import ScriptedModel

SESSIONS = 10
SENDS = 20
WRONG = frozenset(("error", "persist_failed", "engine_error"))


@component
def Agent() -> Nodes:
    """The agent that everybody talks to."""
    yield Timeline()


async def talk(path: Path, name: str) -> None:
    """Send everything at once."""
    async with create_app(Agent, model=ScriptedModel.repeat("yes"), store=path) as app:

        def heard(event: Any) -> None:
            if event.type in WRONG:
                sys.stdout.write(f"{event}\n")

        async def converse(session_id: str) -> None:
            session = await app.session(session_id)
            session.on("event", heard)
            handles = await asyncio.gather(
                *(session.send(f"{session_id} {number}") for number in range(SENDS))
            )
            for result in await asyncio.gather(*(handle.result for handle in handles)):
                assert result.response == "yes"

        await asyncio.gather(*(converse(f"{name}-{number}") for number in range(SESSIONS)))


if __name__ == "__main__":
    asyncio.run(talk(Path(sys.argv[1]), sys.argv[2]))

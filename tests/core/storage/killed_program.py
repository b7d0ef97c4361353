"""A program that is killed at a point of its work: `python -m tests.core.storage.killed_program FOLDER`.

It reads lines "POINT NAME" and forks a process for each, which talks in the store FOLDER/NAME.db and kills itself at
the POINTth event or SQL statement; 0 is never. What was promised to the outside is written, as it is promised, to
FOLDER/NAME.log; the answer to a line is how many points there were, or -9.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from agentick_core import Nodes, Timeline, component, create_app, tool
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import ScriptedModel, call, reply


class Life:
    """Counts down to the end, and writes what was promised until then."""

    def __init__(self, point: int, log: Path) -> None:
        self.point = point
        self.count = 0
        self.log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def step(self, _: object = None) -> None:
        self.count += 1
        if self.count == self.point:
            os.kill(os.getpid(), signal.SIGKILL)

    def promise(self, what: str, name: str) -> None:
        os.write(self.log, f"{what} {name}\n".encode())

    def heard(self, event: Any) -> None:
        if event.type == "entry_committed":
            self.promise("committed", event.entry.id)
        self.step()


@component
def Agent() -> Nodes:
    """The agent that is killed."""
    yield Timeline()


def make_model() -> ScriptedModel:
    """Two tools, then the answer: three ticks."""
    return ScriptedModel(
        reply("I look.", chunk=1, calls=[call("look", name="a")]),
        reply("I wipe.", chunk=1, calls=[call("wipe", name="b")]),
        reply("All is done.", chunk=1),
    )


async def live(path: Path, life: Life) -> None:
    """Talk: a message, a note and one more while the first tool runs, and an answer to both."""

    @tool
    async def look(name: str) -> str:
        """Look at something."""
        life.promise("ran", "look")
        await session.observe("progress", "looking")
        queued = await session.queue("also this")
        life.promise("accepted", queued.id)
        return f"seen {name}"

    @tool
    async def wipe(name: str) -> str:
        """Wipe something away."""
        life.promise("ran", "wipe")
        return f"wiped {name}"

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(life.step)

    store = SqliteStore(path)
    await store.database.read(trace)
    async with create_app(Agent, model=make_model(), tools=[look, wipe], store=store) as app:
        session = await app.session("s")
        session.on("event", life.heard)
        handle = await session.send({"role": "user", "content": "go", "id": "first"})
        life.promise("accepted", "first")
        await handle.result


def main() -> None:
    """Fork for each line."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        point, name = line.split()
        life = Life(int(point), folder / f"{name}.log")
        if life.point == 0:
            asyncio.run(live(folder / f"{name}.db", life))
            said = life.count
        else:
            child = os.fork()
            if not child:
                asyncio.run(live(folder / f"{name}.db", life))
                os._exit(0)
            said = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

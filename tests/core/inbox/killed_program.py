"""A program that is killed while it works through an inbox: `python -m tests.core.inbox.killed_program FOLDER`.

It reads lines "POINT NAME" and forks a process for each, which opens the app on FOLDER/NAME.db, works through its
inbox and kills itself at the POINTth event or SQL statement; 0 is never. The answer to a line is how many points
there were, or -9.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

from agentick_core import Nodes, Timeline, component, create_app
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import ScriptedModel, reply


class Life:
    """Counts down to the end."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.count = 0

    def step(self, _: object = None) -> None:
        self.count += 1
        if self.count == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


@component
def Agent() -> Nodes:
    """The agent that is killed."""
    yield Timeline()


async def live(path: Path, life: Life) -> None:
    """Answer what waits."""

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(life.step)

    store = SqliteStore(path)
    await store.database.read(trace)
    model = ScriptedModel.repeat(reply("All is done.", chunk=1))
    async with create_app(Agent, model=model, store=store) as app:
        app.on_session_create(lambda session: session.on("event", life.step))
        await app.process_inbox()


def main() -> None:
    """Fork for each line."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        point, name = line.split()
        life = Life(int(point))
        child = os.fork() if life.point else 0
        if child:
            said = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            asyncio.run(live(folder / f"{name}.db", life))
            said = life.count
            if life.point:
                os._exit(0)
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

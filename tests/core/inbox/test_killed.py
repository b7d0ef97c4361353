"""`kill -9` while an inbox is worked through, at points spread over it, and what comes back each time."""

import asyncio
import shutil
from pathlib import Path

import pytest

from agentick_core import create_app
from agentick_core.testing import ScriptedModel
from tests.core.inbox.killed_program import Agent
from tests.core.storage.test_killed import program

POINTS = 60
SECONDS = 50
SENT = ["first", "second"]


async def check(path: Path) -> str:
    """Open what the killed process left, and go on; give how far it had come."""
    async with create_app(Agent, model=ScriptedModel.repeat("back"), store=path) as app:
        left = len(await app.inbox.pending("s"))
        assert await app.process_inbox() == {}
        assert (await app.inbox.size(), await app.inbox.dead_letters()) == (0, [])
        session = await app.session("s")
        said = [entry.message.text for entry in session.timeline if entry.message.role == "user"]
        answers = [entry for entry in session.timeline if entry.message.role == "assistant"]
        whole = [entry.message.text for entry in answers if "interrupted" not in entry.tags]
        assert said == SENT
        assert len(whole) == len(SENT)
        assert answers[-1].message.text == whole[-1]
        return f"{left} left, {whole.count('back')} said now"


@pytest.mark.blocking
async def test_beat_15_a_process_killed_between_accepting_and_noting_answers_each_message_once(
    tmp_path: Path,
) -> None:
    async with create_app(Agent, model=ScriptedModel.repeat("never"), store=tmp_path / "new.db") as app:
        for text in SENT:
            await app.receive("s", {"payload": text})
    seen: set[str] = set()
    async with asyncio.timeout(SECONDS), program(tmp_path, "tests.core.inbox.killed_program") as killed:
        shutil.copy(tmp_path / "new.db", tmp_path / "whole.db")
        points = await killed.live(0, "whole")
        assert await check(tmp_path / "whole.db") == "0 left, 0 said now"
        for number in range(POINTS):
            point = 1 + number * points // POINTS
            shutil.copy(tmp_path / "new.db", tmp_path / f"{point}.db")
            assert await killed.live(point, str(point)) == -9
            seen.add(await check(tmp_path / f"{point}.db"))
    # Before an answer is stored, and after it but before the message was noted as done.
    assert {"2 left, 2 said now", "2 left, 1 said now", "1 left, 1 said now", "1 left, 0 said now"} <= seen

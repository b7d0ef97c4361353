"""What the chat keeps in the database beside the engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentick_core.storage.database import Database
from agentick_tui.engine.chat_tables import HISTORY_KEPT, ChatTables, KeptChat, KeptCommand


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a database that is closed afterwards."""
    database = Database(tmp_path / "sessions.db")
    yield database
    await database.aclose()


async def test_of_a_session_nobody_knows_nothing_is_kept(database: Database):
    assert await ChatTables(database).load("unknown") == KeptChat()


async def test_title_draft_queue_and_commands_come_back_in_order(database: Database):
    tables = ChatTables(database)
    commands = [
        KeptCommand(
            after=after,
            name="greet",
            summary=f"{after}",
            output="Hello",
            state="failed" if after == 2 else "done",
        )
        for after in (0, 2, 2)
    ]
    await tables.set_title("one", "A title")
    await tables.set_draft("one", "half a\nthought")
    await tables.set_queue("one", ["first", 'second "quoted"'])
    for command in commands:
        await tables.keep_command("one", command)
    await tables.set_draft("two", "other")
    assert await tables.load("one") == KeptChat(
        title="A title",
        draft="half a\nthought",
        queue=("first", 'second "quoted"'),
        commands=tuple(commands),
    )
    assert await tables.titles() == {"one": "A title"}


async def test_the_history_keeps_the_last_thousand(database: Database):
    tables = ChatTables(database)
    for number in range(HISTORY_KEPT + 5):
        await tables.remember(f"text {number}")
    history = await tables.history()
    assert len(history) == HISTORY_KEPT
    assert (history[0], history[-1]) == ("text 5", f"text {HISTORY_KEPT + 4}")


async def test_everything_is_still_there_when_the_file_is_opened_again(tmp_path: Path):
    for kept in (KeptChat(), KeptChat(title="A title")):
        database = Database(tmp_path / "sessions.db")
        tables = ChatTables(database)
        assert await tables.load("one") == kept
        await tables.set_title("one", "A title")
        await database.aclose()

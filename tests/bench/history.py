"""A stored session of many messages."""

import asyncio
from pathlib import Path
from random import Random

from agentick_core import AssistantMessage, UserMessage
from agentick_core.messages.message import Message
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.sqlite import SqliteStore
from tests.bench.prose import CODE, END, bullets, sentences

MESSAGES = 5000
SESSION = "bench-history"


def store_history(database: Path, messages: int = MESSAGES) -> None:
    """Store the session, half of it the user's; the last answer ends with the end mark."""
    asyncio.run(_store(database, make_history(messages)))


def make_history(messages: int) -> tuple[TimelineEntry, ...]:
    """Make the entries."""
    random = Random(11)
    made = [_message(number, random) for number in range(messages - 1)]
    made.append(AssistantMessage(f"That was all. {END}"))
    return tuple(
        TimelineEntry(f"entry-{number}", message, created_at=float(number), execution_id=f"run-{number // 2}")
        for number, message in enumerate(made)
    )


def _message(number: int, random: Random) -> Message:
    if number % 2 == 0:
        return UserMessage(sentences(12, random).strip())
    parts = [sentences(40, random), bullets(random) if number % 10 == 5 else sentences(25, random)]
    return AssistantMessage("".join(parts) + (CODE if number % 10 == 9 else ""))


async def _store(database: Path, entries: tuple[TimelineEntry, ...]) -> None:
    store = SqliteStore(database)
    await store.save(SessionSnapshot(session_id=SESSION, timeline=entries, created_at=1.0, timestamp=1000))
    await store.aclose()

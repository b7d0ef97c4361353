"""A diary in a file: run it again and again, and it remembers. A long one stays within its budget.

python examples/diary.py "It rained."                    the offline model, without a key
python examples/diary.py "What was yesterday?" openai:NAME
"""

import asyncio
import sys
from datetime import datetime

from agentick_core import Nodes, Section, System, Timeline, component, create_app, use_session_state

FILE = "diary.db"
NOTHING: tuple[str, ...] = ()


@component
def Diary() -> Nodes:
    """Remember the days on which something was written."""
    days, set_days = use_session_state("days", NOTHING)
    today = datetime.now().astimezone().date().isoformat()
    if today not in days:
        set_days((*days, today))
    yield System("You are a diary. Listen, remember, and answer from what was written before.")
    yield Section(f"There are entries of: {', '.join(days) or 'no day yet'}.", id="days", position="end")
    yield Timeline(max_tokens="window")


async def main(text: str = "Hello, diary.", model: str = "offline") -> None:
    """Write into the diary, and print what it says."""
    async with create_app(Diary, model=model, store=FILE) as app:
        session = await app.session("diary")
        before = len(session.timeline)
        result = await session.send(text).result
        print(result.response)
        print(f"({before} entries before, {len(session.timeline)} now)")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

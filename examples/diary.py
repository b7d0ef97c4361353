"""A diary in a file: run it again and again, and it remembers. The model reads as many pages as there is room for.

python examples/diary.py "It rained."                  a small function for a model, without a key
python examples/diary.py "Did it rain?" openai:NAME    a real one
"""

import asyncio
import sys
from datetime import datetime

from agentick_core import Nodes, Section, System, Timeline, component, create_app, use_session_state
from agentick_core.testing import FunctionModel, ModelRequest

FILE = "diary.db"
ROOM = 500  # tokens: so little that the oldest pages soon find no room


@component
def Diary() -> Nodes:
    """Listen, and remember."""
    days, set_days = use_session_state("days", list[str]())
    today = datetime.now().astimezone().date().isoformat()
    if today not in days:
        set_days([*days, today])
    yield System("You are a diary. Listen, remember, and answer from what was written before.")
    yield Section(f"There are pages of: {', '.join(days)}.", id="days")
    yield Timeline(max_tokens=ROOM)


def stand_in(request: ModelRequest) -> str:
    """Answer as a diary might: with what was written before, as far as it was shown."""
    *before, page = [message.text for message in request.messages if message.role == "user"]
    if not before:
        return f"The first page that I see: {page}"
    return "\n".join([f"Written down: {page}", "Before that I see:", *(f"- {page}" for page in before)])


async def main(page: str = "Dear diary.", model: str | None = None) -> None:
    """Write a page, and print what the diary says."""
    async with create_app(Diary, model=model or FunctionModel(stand_in), store=FILE) as app:
        session = await app.session("diary")
        result = await session.send(page).result
        print(result.response)
        print(f"(pages kept: {len(session.timeline) // 2})")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

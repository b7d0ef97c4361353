"""A notebook: one tool keeps notes, another throws them away and asks a person first.

python examples/notebook.py                   a scripted model, without a key; answer y or n
python examples/notebook.py anthropic:NAME    a real one
agentick --app examples/notebook.py           the same agent in the chat, where a panel asks
"""

import asyncio
import sys

from agentick_core import (
    Nodes,
    Section,
    System,
    Timeline,
    ToolConfirmationRequired,
    component,
    create_app,
    tool,
    use_session_state,
)
from agentick_core.testing import ScriptedModel, call

SCRIPT = (call("note", text="bees dance"), "I have noted it.", call("forget"), "That is how it is now.")


@component
def Notebook() -> Nodes:
    """Keep notes."""
    notes, set_notes = use_session_state("notes", list[str]())

    @tool
    async def note(text: str) -> str:
        """Keep a note."""
        set_notes.update(lambda notes: [*notes, text])
        return "kept"

    @tool(requires_confirmation=True, confirmation_message="Throw every note away?")
    async def forget() -> str:
        """Throw every note away."""
        set_notes([])
        return "gone"

    yield System("You keep my notes. Nothing is too small to be kept.")
    yield Section("\n".join(notes) or "There are no notes.", id="notes")
    yield note
    yield forget
    yield Timeline()


app = create_app(Notebook)


async def main(model: str | None = None) -> None:
    """Take a note, then ask to forget it."""
    async with app.replace(model=model or ScriptedModel(*SCRIPT)) as notebook:
        session = await notebook.session()
        for text in ("Note: bees dance.", "Forget everything."):
            handle = await session.send(text)
            async for event in handle:
                if isinstance(event, ToolConfirmationRequired):
                    answer = await asyncio.to_thread(input, f"{event.message} [y/n] ")
                    session.submit_tool_result(event.call_id, approved=answer.strip() == "y")
            print((await handle.result).response)
        print("Notes:", *session.inspect().state["notes"])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

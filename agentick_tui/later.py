"""What is imported after the first paint: the engine, the conversation with it, and the transcript's renderers.

None of it is needed for an empty screen, and importing it takes longer than painting that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from agentick_tui.conversation import Conversation
    from agentick_tui.engine.options import ChatOptions

REST = (
    "agentick_core.session.session",
    "agentick_tui.engine.door",
    "agentick_tui.conversation",
    "agentick_tui.commands.own",
    "agentick_tui.commands.parse",
    "agentick_tui.confirm.panel",
    "agentick_tui.port",
    "agentick_tui.prompt.queue_strip",
    "agentick_tui.chat.document",
    "agentick_tui.chat.layout",
)
"""The modules that import, between them, all that an open session needs."""

BeginConversation: TypeAlias = "Callable[[ChatOptions, Callable[[], None]], Awaitable[Conversation]]"
"""Makes the conversation of the options; its second argument is called when there is something to draw."""


async def begin_conversation(options: "ChatOptions", changed: Callable[[], None]) -> "Conversation":
    """Import the rest of the program in a thread, so that keys are heard meanwhile, and make the conversation."""
    await asyncio.to_thread(_import_rest)
    from agentick_tui.conversation import Conversation
    from agentick_tui.engine.door import Door

    return Conversation(Door(options, changed), changed)


def _import_rest() -> None:
    for name in REST:
        import_module(name)

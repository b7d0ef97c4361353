"""What the tests of the hooks for messages share."""

from collections.abc import Callable
from typing import Any

from agentick_core import (
    Nodes,
    StreamEvent,
    Timeline,
    component,
    use_on_message,
)
from agentick_core.events.model import ErrorEvent
from agentick_core.tree.hook_events import MessageReceived


def listening(*callbacks: Callable[..., Any], tools: tuple[Any, ...] = ()) -> Any:
    """Make an agent with these callbacks for messages."""

    @component
    def Listening() -> Nodes:
        for callback in callbacks:
            use_on_message(callback)
        yield from tools
        yield Timeline()

    return Listening


class Heard:
    """Takes down what it is told."""

    def __init__(self) -> None:
        self.events: list[MessageReceived] = []

    def __call__(self, event: MessageReceived) -> None:
        self.events.append(event)

    @property
    def said(self) -> list[tuple[str, str]]:
        """Who said what, in the order in which it was told."""
        return [(event.content.role, event.content.text) for event in self.events]

    @property
    def ids(self) -> list[str]:
        """The ids of the messages, in that order."""
        return [event.id for event in self.events]


def failures(session: Any) -> list[ErrorEvent]:
    """Give the error events of the session from now on, as they come."""
    errors: list[ErrorEvent] = []

    def listen(event: StreamEvent) -> None:
        if isinstance(event, ErrorEvent):
            errors.append(event)

    session.on("event", listen)
    return errors


def ids(session: Any) -> list[str]:
    """Give the ids of the messages in the timeline."""
    return [entry.message.id for entry in session.timeline]

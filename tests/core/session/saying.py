"""Hooks for the tests of the host's say: what is always answered, made of a snapshot, or only heard."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agentick_core import Session
from agentick_core.messages.message import UserMessage
from agentick_core.messages.snapshot import SessionSnapshot

Hook = Callable[..., Any]


def always(answer: Any) -> Hook:
    """Give the same answer each time."""
    return asking(lambda: answer)


def asking(answer: Callable[[], Any]) -> Hook:
    """Give what the function gives at that time."""

    def hook(*_: object) -> Any:
        return answer()

    return hook


def making(make: Callable[[SessionSnapshot], Any]) -> Hook:
    """Give what the function makes of the snapshot."""

    def hook(_: object, snapshot: SessionSnapshot) -> Any:
        return make(snapshot)

    return hook


class Heard:
    """Keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *values: Any) -> None:
        self.calls.append(values)


def events_of(session: Session[Any], kind: str) -> list[Any]:
    """Give the list into which the session's events of that type come from now on."""
    events: list[Any] = []

    def hear(event: Any) -> None:
        if event.type == kind:
            events.append(event)

    session.on("event", hear)
    return events


def blackened(snapshot: SessionSnapshot) -> SessionSnapshot:
    """Give the same session with everything that the user said made unreadable."""
    log = tuple(
        replace(entry, message=UserMessage("***", id=entry.message.id))
        if entry.message.role == "user"
        else entry
        for entry in snapshot.timeline
    )
    return replace(snapshot, timeline=log)

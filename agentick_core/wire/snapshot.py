"""Snapshots as JSON: a session as it is exported, stored and moved."""

from typing import Any

from agentick_core.errors import StoreVersionError
from agentick_core.messages.snapshot import SNAPSHOT_VERSION, SessionSnapshot
from agentick_core.wire.entries import CONVERSATION
from agentick_core.wire.shape import Shapes
from agentick_core.wire.values import is_object

_SNAPSHOT = Shapes(CONVERSATION).of(SessionSnapshot)


def snapshot_to_wire(snapshot: SessionSnapshot) -> dict[str, Any]:
    """Write a session.

    Raises:
        WireError: its state or metadata holds something that is not JSON; the error names the key.
    """
    return _SNAPSHOT.encode(snapshot)


def snapshot_from_wire(data: object) -> SessionSnapshot:
    """Read a session.

    Raises:
        WireError: it is not one; the error names the path.
        StoreVersionError: it is of another version than this program reads.
    """
    version = data.get("version", SNAPSHOT_VERSION) if is_object(data) else SNAPSHOT_VERSION
    if version != SNAPSHOT_VERSION:
        raise StoreVersionError(
            f"The session has version {version}, and this agentick reads {SNAPSHOT_VERSION}",
            hint="Update agentick. Nothing was changed.",
        )
    return _SNAPSHOT.decode(data)

"""What somebody outside pushes among the events of a session, made into one of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from agentick_core.events.base import Stamp
from agentick_core.events.orchestration import CustomEvent


def custom_event(stamp: Stamp, event: "str | Mapping[str, Any]", data: Mapping[str, Any]) -> CustomEvent:
    """Make the event: of a type with its data, or of a mapping with `type`.

    Of a mapping, what every event has is kept where it is given, under its name on the wire; only the place in
    the sequence is always the next one.
    """
    if isinstance(event, str):
        return CustomEvent(**stamp, type=event, data=dict(data))
    fields = {key: value for key, value in event.items() if key != "sequence"}
    kind = str(fields.pop("type"))
    given: Stamp = {
        **stamp,
        "id": _taken(fields, "id", stamp["id"]),
        "tick": _taken(fields, "tick", stamp["tick"]),
        "execution_id": _taken(fields, "executionId", stamp["execution_id"]),
        "time": _time(fields, stamp["time"]),
    }
    inner = fields.get("data")
    if fields.keys() == {"data"} and isinstance(inner, Mapping):
        fields = dict(cast("Mapping[str, Any]", inner))
    return CustomEvent(**given, type=kind, data=fields)


def _taken(fields: dict[str, Any], key: str, default: Any) -> Any:
    """Take a field out where it is of the kind that events have; anything else is data."""
    return fields.pop(key) if type(fields.get(key)) is type(default) else default


def _time(fields: dict[str, Any], now: float) -> float:
    given = fields.get("timestamp")
    if not isinstance(given, str):
        return now
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        return now
    del fields["timestamp"]
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()

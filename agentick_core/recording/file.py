"""The file of a recording: JSON with a version, in which what is said again and again stands once."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast, get_type_hints
from uuid import uuid4

from agentick_core.errors import NotFoundError, StorageError, StoreDamagedError, StoreVersionError, WireError
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models import deltas
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.model import ModelInfo
from agentick_core.models.prices import Price
from agentick_core.recording.recording import Recording
from agentick_core.recording.snapshot import FiberNode
from agentick_core.wire.entries import CONVERSATION
from agentick_core.wire.shape import Codec, Shapes
from agentick_core.wire.values import dumps, expected, is_array, is_object, loads, plain, wrong

KIND = "recording"
VERSION = 1


def write(recording: Recording, path: Path) -> None:
    """Write a recording beside its place first, so that no half of one is ever there."""
    pool = _Pool()
    body = _shapes(pool).of(Recording).encode(recording)
    text = dumps({"agentick": KIND, "version": VERSION, "pool": pool.values, "recording": body})
    beside = path.parent / f"{path.name}.{uuid4().hex[:8]}.new"
    try:
        held = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(held, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    # A ValueError says that there can be no such name.
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            beside.unlink()
        raise StorageError(
            f"{path}: {_reason(error)}", hint="Choose a folder that can be written."
        ) from error


def as_json(recording: Recording) -> dict[str, Any]:
    """Give a recording as JSON in which everything stands where it belongs, however often it was said."""
    return _shapes().of(Recording).encode(recording)


def read(path: Path) -> Recording:
    """Read a recording."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no recording {path}", hint="Make one with recording.save(path)."
        ) from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "it is not text") from error
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: {_reason(error)}", hint="Choose a file that can be read.") from error
    try:
        return _read(loads(text), path)
    except WireError as error:
        raise _damaged(path, error.message) from error


def _read(data: Any, path: Path) -> Recording:
    if not is_object(data) or data.get("agentick") != KIND:
        raise wrong("it is not a recording")
    version = data.get("version")
    if version != VERSION:
        raise StoreVersionError(
            f"The recording {path} has version {version}, and this agentick reads {VERSION}",
            hint="Update agentick, or record it again.",
        )
    recording: Recording = _shapes(_Pool(_list(data.get("pool")))).of(Recording).decode(data.get("recording"))
    if any(len(call.order) != len(call.deltas) for call in recording.calls):
        raise wrong("a call has not as many places as deltas")
    return recording


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _damaged(path: Path, why: str) -> StoreDamagedError:
    return StoreDamagedError(f"{path} cannot be read: {why}", hint="Record it again, or take another copy.")


class _Pool:
    """Values that stand once in the file, and are named by their place."""

    def __init__(self, values: Sequence[Any] = ()) -> None:
        self.values = list(values)
        self._places: dict[str, int] = {}
        self._read: dict[tuple[int, int], Any] = {}

    def list_of(self, item: Codec) -> Codec:
        """Give the codec of a tuple whose items stand in the pool."""

        def encode(value: Sequence[Any]) -> list[int]:
            return [self.put(item.encode(each)) for each in value]

        def decode(data: Any) -> tuple[Any, ...]:
            return tuple(self._once(place, item) for place in _list(data))

        return Codec(encode, decode)

    def put(self, value: Any) -> int:
        """Give the place of a JSON value."""
        place = self._places.setdefault(dumps(value), len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place

    def get(self, place: Any) -> Any:
        """Give the value of a place."""
        if type(place) is not int or not 0 <= place < len(self.values):
            raise wrong(f"{place!r} is no place in the pool")
        return self.values[place]

    def _once(self, place: Any, item: Codec) -> Any:
        value = self.get(place)
        known = (id(item.decode), place)
        if known not in self._read:
            self._read[known] = item.decode(value)
        return self._read[known]


def _shapes(pool: _Pool | None = None) -> Shapes:
    conversation = Shapes(CONVERSATION)
    known: dict[Any, Codec] = dict(CONVERSATION)
    if pool is not None:
        for kind in (Message, TimelineEntry, ToolDefinition):
            known[tuple[kind, ...]] = pool.list_of(conversation.of(kind))
        loose = _Loose(pool)
        known[Mapping[str, Any] | None] = Codec(loose.encode, loose.decode)
    deltas_of = _Deltas(conversation)
    # The way to count tokens is a function, and stays where it was.
    known[get_type_hints(ModelInfo)["token_estimator"]] = Codec(_nothing, _nothing)
    known[ModelDelta] = Codec(deltas_of.encode, deltas_of.decode)

    def nodes_to(nodes: tuple[FiberNode, ...]) -> list[Any]:
        return [shapes.of(FiberNode).encode(node) for node in nodes]

    def nodes_from(data: Any) -> tuple[FiberNode, ...]:
        return tuple(shapes.of(FiberNode).decode(each) for each in _list(data))

    def price_to(price: Price | None) -> Any:
        return None if price is None else shapes.of(Price).encode(price)

    def price_from(data: Any) -> Price | None:
        return None if data is None else shapes.of(Price).decode(data)

    # What contains its own kind: its shape is asked for when there is one, not before.
    known[tuple[FiberNode, ...]] = Codec(nodes_to, nodes_from)
    known[Price | None] = Codec(price_to, price_from)
    shapes = Shapes(known)
    return shapes


class _Loose:
    """An object of any JSON, or None: the items of its lists stand in the pool."""

    def __init__(self, pool: _Pool) -> None:
        self._pool = pool

    def encode(self, value: Mapping[str, Any] | None) -> Any:
        if value is None:
            return None
        return {key: self._packed(plain(each)) for key, each in value.items()}

    def decode(self, data: Any) -> Any:
        if data is None:
            return None
        return {key: self._unpacked(each) for key, each in _object(data).items()}

    def _packed(self, value: Any) -> Any:
        if not is_array(value):
            return {"value": value}
        return {"items": [self._pool.put(item) for item in value]}

    def _unpacked(self, data: Any) -> Any:
        packed = _object(data)
        if "items" in packed:
            return [self._pool.get(place) for place in _list(packed["items"])]
        return packed.get("value")


class _Deltas:
    """What a model gives, as its name and its fields."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def encode(self, delta: Any) -> list[Any]:
        kind = cast("type[Any]", type(delta))
        return [kind.__name__, self._shapes.of(kind).encode(delta)]

    def decode(self, data: Any) -> Any:
        name, fields = data if is_array(data) and len(data) == 2 else ("", None)
        kind = getattr(deltas, name, None) if isinstance(name, str) else None
        if not isinstance(kind, type) or kind.__module__ != deltas.__name__:
            raise wrong(f"{name!r} is not what a model gives")
        return self._shapes.of(kind).decode(fields)


def _nothing(_: object) -> None:
    return None


def _object(data: Any) -> Mapping[str, Any]:
    if not is_object(data):
        raise expected("an object", data)
    return data


def _list(data: Any) -> Sequence[Any]:
    if not is_array(data):
        raise expected("a list", data)
    return data

"""How a type looks as JSON, read from its annotations: field names in camelCase, a `type` where it has one."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from agentick_core.errors import WireError
from agentick_core.wire.values import expected, is_array, is_object, iso, plain, seconds_of, under, wrong

TIMES = frozenset(("time", "timestamp", "created_at", "started_at", "completed_at", "ended_at"))
RENAMED: Mapping[str, str] = {"time": "timestamp", "ToolCall.call_id": "id"}
LEFT_OUT_WHEN_EMPTY = frozenset(
    (
        "id", "metadata", "execution_id", "spawn_path", "tags", "provider_options", "extra", "created_at",
        "hibernated",
        "started_at", "completed_at", "reasoning_tokens", "cached_input_tokens", "cache_creation_tokens",
        "ToolResultBlock.is_error", "SpawnEnd.is_error", "EventError.code", "EventError.hint",
    )
)  # fmt: skip
ALWAYS_WRITTEN = frozenset(
    (
        "ExecutionEnd.output", "RawOutput.metadata", "ContextSnapshot.metadata", "ContextSnapshot.model_id",
        "FiberSnapshot.tree",
    )
)  # fmt: skip


class Codec(NamedTuple):
    """How values of one type are written as JSON, and read."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One field: `optional` says that it is left out when it equals its default."""

    name: str
    key: str
    codec: Codec
    required: bool
    optional: bool
    default: Any


def camel(name: str) -> str:
    """Write a field's name as it stands in JSON."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


class Shapes:
    """The codecs of types, each made when it is first asked for; `known` are those written by hand."""

    def __init__(self, known: Mapping[Any, Codec]) -> None:
        self._codecs = dict(known)

    def of(self, kind: Any) -> Codec:
        """Give the codec of a type: a dataclass, a union of dataclasses with a `type`, or what annotations are
        made of."""
        codec = self._codecs.get(kind)
        if codec is None:
            codec = self._codecs[kind] = self._made(kind)
        return codec

    def _made(self, kind: Any) -> Codec:
        if kind in _SCALARS:
            return _SCALARS[kind]
        if isinstance(kind, TypeVar):
            return Codec(_typed_output, _as_is)
        if isinstance(kind, type) and is_dataclass(kind):
            record = _Record(kind, self)
            return Codec(record.encode, record.decode)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Literal:
            return _literal(arguments)
        if origin is tuple:
            return _array(self.of(arguments[0]), tuple)
        if origin is frozenset:
            return _array(self.of(arguments[0]), frozenset)
        if origin in (Union, UnionType):
            return self._union(arguments)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return _OBJECT
        if isinstance(origin, type) and is_dataclass(origin):
            return self.of(origin)
        raise TypeError(f"{kind!r} has no shape on the wire")

    def _union(self, arguments: tuple[Any, ...]) -> Codec:
        members = tuple(member for member in arguments if member is not NoneType)
        codec = self.of(members[0]) if len(members) == 1 else _tagged(members, self)
        return codec if len(members) == len(arguments) else _or_none(codec)


def tag_of(kind: type) -> tuple[str, str] | None:
    """Give what names the type in JSON, as ("type", "text"); None where nothing does."""
    for key in ("type", "kind"):
        tag = kind.__dict__.get(key)
        if isinstance(tag, str):
            return key, tag
    return None


class _Record:
    """The shape of a dataclass."""

    def __init__(self, kind: type[Any], shapes: Shapes) -> None:
        hints = get_type_hints(kind)
        self.kind = kind
        self.tag = tag_of(kind)
        self.parts = [_part(kind, item, hints[item.name], shapes) for item in fields(kind)]

    def encode(self, value: Any) -> dict[str, Any]:
        data: dict[str, Any] = {} if self.tag is None else {self.tag[0]: self.tag[1]}
        key = ""
        try:
            for part in self.parts:
                key = part.key
                item = getattr(value, part.name)
                if not part.optional or item != part.default:
                    data[key] = part.codec.encode(item)
        except WireError as error:
            raise under(error, key) from None
        return data

    def decode(self, data: Any) -> Any:
        if not is_object(data):
            raise expected("an object", data)
        values: dict[str, Any] = {}
        key = ""
        try:
            for part in self.parts:
                key = part.key
                if key in data:
                    values[part.name] = part.codec.decode(data[key])
                elif part.required:
                    raise wrong("missing")
        except WireError as error:
            raise under(error, key) from None
        return self.kind(**values)


def _part(kind: type, item: "Field[Any]", hint: Any, shapes: Shapes) -> Part:
    required = item.default is MISSING and item.default_factory is MISSING
    default = None
    if item.default is not MISSING:
        default = item.default
    elif item.default_factory is not MISSING:
        default = item.default_factory()
    codec = shapes.of(hint)
    if item.name in TIMES and hint in (float, float | None):
        codec = _TIME if hint is float else _or_none(_TIME)
    if item.name == "raw" and hint is Any:
        codec = Codec(_plain_or_none, _as_is)
    whole_name = f"{kind.__name__}.{item.name}"
    empty = default is None or not LEFT_OUT_WHEN_EMPTY.isdisjoint((item.name, whole_name))
    optional = not required and empty and whole_name not in ALWAYS_WRITTEN
    key = camel(RENAMED.get(whole_name) or RENAMED.get(item.name, item.name))
    return Part(item.name, key, codec, required, optional, default)


def _or_none(codec: Codec) -> Codec:
    def encode(value: Any) -> Any:
        return None if value is None else codec.encode(value)

    def decode(data: Any) -> Any:
        return None if data is None else codec.decode(data)

    return Codec(encode, decode)


def _tagged(members: tuple[Any, ...], shapes: Shapes) -> Codec:
    by_tag = {tag[1]: member for member in members if (tag := tag_of(member)) is not None}
    known = frozenset(members)

    def encode(value: Any) -> Any:
        kind = cast("type[Any]", type(value))
        if kind not in known:
            raise wrong(f"{kind.__name__} is not one of {', '.join(member.__name__ for member in members)}")
        return shapes.of(kind).encode(value)

    def decode(data: Any) -> Any:
        if not is_object(data):
            raise expected("an object", data)
        tag = data.get("type")
        kind = by_tag.get(tag) if isinstance(tag, str) else None
        if kind is None:
            raise under(wrong(f"{tag!r} is not one of {', '.join(by_tag)}"), "type")
        return shapes.of(kind).decode(data)

    return Codec(encode, decode)


def _array(item: Codec, make: Callable[[list[Any]], Any]) -> Codec:
    def encode(value: Any) -> list[Any]:
        data: list[Any] = []
        for index, element in enumerate(sorted(value) if make is frozenset else value):
            try:
                data.append(item.encode(element))
            except WireError as error:
                raise under(error, index) from None
        return data

    def decode(data: Any) -> Any:
        if not is_array(data):
            raise expected("a list", data)
        values: list[Any] = []
        for index, element in enumerate(data):
            try:
                values.append(item.decode(element))
            except WireError as error:
                raise under(error, index) from None
        return make(values)

    return Codec(encode, decode)


def _literal(choices: tuple[Any, ...]) -> Codec:
    def decode(data: Any) -> Any:
        if data in choices:
            return data
        raise wrong(f"{data!r} is not one of {', '.join(map(str, choices))}")

    return Codec(decode, decode)


def _scalar(what: str, *kinds: type) -> Codec:
    def decode(data: Any) -> Any:
        if isinstance(data, kinds) and (bool in kinds or not isinstance(data, bool)):
            return data
        raise expected(what, data)

    return Codec(_as_is, decode)


def _as_is(value: Any) -> Any:
    return value


def _object(data: Any) -> Any:
    if is_object(data):
        return data
    raise expected("an object", data)


def _plain_object(value: Any) -> Any:
    return plain(_object(value))


def _plain_or_none(value: Any) -> Any:
    """What a provider sent as it was is shown where it is JSON; an SDK's own objects stay here."""
    try:
        return plain(value)
    except WireError:
        return None


def _typed_output(value: Any) -> Any:
    """A typed output: a pydantic model, a dataclass, or JSON."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return plain(value)


_TIME = Codec(iso, seconds_of)
_OBJECT = Codec(_plain_object, _object)
_SCALARS: Mapping[Any, Codec] = {
    str: _scalar("a string", str),
    int: _scalar("a whole number", int),
    float: _scalar("a number", int, float),
    bool: _scalar("true or false", bool),
    Any: Codec(plain, _as_is),
}

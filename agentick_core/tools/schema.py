"""The JSON schema and the validator of a tool's input; the only place here that needs pydantic, at first need."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import isroutine
from typing import TYPE_CHECKING, Any, Final, Protocol, cast, get_args, get_origin
from weakref import WeakKeyDictionary

from agentick_core.errors import ToolInputError, ValidationError
from agentick_core.tools.docstring import parse_docstring
from agentick_core.tools.json_schema import WELL_FORMED, mismatches
from agentick_core.tools.options import OutputSpec
from agentick_core.tools.signature import REQUIRED, Argument, Arguments
from agentick_core.tools.tool import InputSpec
from agentick_core.tools.typed_dicts import readable

if TYPE_CHECKING:
    from types import CodeType

    from pydantic import BaseModel

_NO_ARGUMENTS: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True)
class Checked:
    """Input that fits: `arguments` is what the function gets, `input` the same as plain JSON."""

    arguments: Any
    input: Mapping[str, Any]


class _Contract(Protocol):
    schema: Mapping[str, Any]

    def check(self, input: Mapping[str, Any]) -> Checked: ...


def schema_of(tool: str, spec: InputSpec, deps: Collection[str] = ()) -> Mapping[str, Any]:
    """Give the JSON schema of a tool's input. Raises TypeError for types that have none."""
    return _contract(tool, spec, deps).schema


def output_schema_of(tool: str, output: OutputSpec) -> Mapping[str, Any] | None:
    """Give the JSON schema of what a tool gives, None where it does not say.

    Raises TypeError for types that have none.
    """
    if output is None or isinstance(output, Mapping):
        return output
    from pydantic.errors import PydanticUserError

    try:
        return _of_output(output)
    except (PydanticUserError, NameError) as error:
        raise TypeError(f"Tool {tool!r}: its output has a type without a schema: {output!r}") from error


def check(tool: str, spec: InputSpec, input: Mapping[str, Any], deps: Collection[str] = ()) -> Checked:
    """Check the input of a call. Raises ToolInputError "Validation failed: path: message"."""
    return _contract(tool, spec, deps).check(input)


def value_check(spec: type[Any] | Mapping[str, Any]) -> Callable[[Any], Any]:
    """Give the check of any value: a type gives it parsed, a JSON schema (of an object, if it does not say) as it is.

    The check raises ValidationError "Validation failed: path: message". Raises TypeError for what is no schema.
    """
    if isinstance(spec, Mapping):
        return _json_check({"type": "object", **spec})
    if isinstance(spec, str) or isroutine(spec):
        raise TypeError("it is no type")
    from pydantic import TypeAdapter
    from pydantic import ValidationError as NotValid
    from pydantic.errors import PydanticUserError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(readable(spec))
    except (PydanticUserError, NameError) as error:
        raise TypeError("it has, or is, a type that cannot be read") from error

    def check(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except NotValid as error:
            raise _refused(_issues(error), ValidationError) from error

    return check


def _json_check(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    for path, message in mismatches(schema, WELL_FORMED):
        raise TypeError(f"{path}: {message}")

    def check(value: Any) -> Any:
        if issues := list(mismatches(value, schema)):
            raise _refused(issues, ValidationError)
        return value

    return check


async def warm_up() -> None:
    """Load pydantic off the event loop, once: importing it, and looking for its plugins, reads many files.

    Whoever asks for schemas or checks on an event loop awaits this first.
    """
    if not _load_pydantic.cache_info().currsize:
        await asyncio.to_thread(_load_pydantic)


@lru_cache(maxsize=1)
def _load_pydantic() -> None:
    from pydantic import TypeAdapter

    # The plugins are looked for when the first schema is made.
    TypeAdapter(int)


def _contract(tool: str, spec: InputSpec, deps: Collection[str]) -> _Contract:
    match spec:
        case None:
            return _Given(_NO_ARGUMENTS)
        case Arguments():
            return _of_function(tool, spec, frozenset(deps))
        case Mapping():
            return _Given({"type": "object", **spec})
        case _:
            return _of_type(spec)


class _Given:
    """A JSON schema that was given as it is."""

    __slots__ = ("schema",)

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def check(self, input: Mapping[str, Any]) -> Checked:
        issues = list(mismatches(input, self.schema))
        if issues:
            raise _refused(issues)
        return Checked(input, input)


class _OfType:
    """The contract of a pydantic model, a dataclass or a TypedDict."""

    __slots__ = ("_adapter", "schema")

    def __init__(self, kind: type[Any]) -> None:
        from pydantic import TypeAdapter

        self._adapter: TypeAdapter[Any] = TypeAdapter(readable(kind))
        self.schema: Mapping[str, Any] = _without_titles(self._adapter.json_schema())
        if self.schema.get("type") != "object":
            raise TypeError(f"The input of a tool must be an object, and {kind!r} is not one")

    def check(self, input: Mapping[str, Any]) -> Checked:
        from pydantic import ValidationError
        from pydantic_core import PydanticSerializationError

        try:
            value = self._adapter.validate_python(input)
        except ValidationError as error:
            raise _refused(_issues(error)) from error
        try:
            plain = self._adapter.dump_python(
                value, mode="json", by_alias=True, exclude_unset=True, warnings=False
            )
        except PydanticSerializationError:
            # A type that is read from JSON but not written: the input as it came is JSON too.
            plain = input
        return Checked(value, plain)


class _OfFunction:
    """The contract of a function's arguments."""

    __slots__ = ("_names", "_of_model", "schema")

    def __init__(self, tool: str, spec: Arguments, deps: frozenset[str]) -> None:
        arguments = [argument for argument in spec.arguments if argument.name not in deps]
        # Fields are numbered, and named by alias only: a field called "json" would hide a method of the model.
        self._names = {f"p{number}": argument.name for number, argument in enumerate(arguments)}
        self._of_model = _OfType(_model(tool, arguments, spec))
        self.schema = self._of_model.schema

    def check(self, input: Mapping[str, Any]) -> Checked:
        checked = self._of_model.check(input)
        model: BaseModel = checked.arguments
        given = {
            self._names[field]: getattr(model, field)
            for field in self._names
            if field in model.model_fields_set
        }
        return Checked({**given, **(model.model_extra or {})}, checked.input)


def _model(tool: str, arguments: Collection[Argument], spec: Arguments) -> type["BaseModel"]:
    from pydantic import ConfigDict, create_model
    from pydantic.errors import PydanticUserError

    described = parse_docstring(spec.docstring).parameters
    config = ConfigDict(extra="allow" if spec.open else "forbid")

    def made(chosen: Collection[Argument]) -> type["BaseModel"]:
        fields: dict[str, Any] = {
            f"p{number}": _field(argument, described.get(argument.name))
            for number, argument in enumerate(chosen)
        }
        return create_model(tool, __config__=config, **fields)

    try:
        return made(arguments)
    except (PydanticUserError, NameError) as error:
        for argument in arguments:
            try:
                made([argument])
            except (PydanticUserError, NameError) as cause:
                message = f"Tool {tool!r}: the parameter {argument.name!r} has a type without a schema"
                raise TypeError(f"{message}: {argument.annotation!r}") from cause
        raise TypeError(f"Tool {tool!r}: its parameters have no schema") from error


def _field(argument: Argument, described: str | None) -> tuple[Any, Any]:
    from pydantic import Field

    notes = get_args(argument.annotation)[1:] if hasattr(argument.annotation, "__metadata__") else ()
    description = next((note for note in notes if isinstance(note, str)), described)
    options: dict[str, Any] = {"alias": argument.name}
    kind = readable(argument.annotation)
    if description and not any(getattr(note, "description", None) for note in notes):
        options["description"] = description
    if argument.default is REQUIRED:
        return kind, Field(**options)
    if argument.default is None or isinstance(argument.default, str | int | float):
        return kind, Field(default=argument.default, **options)
    # The function has the default itself; here it only says that the argument may be left out.
    return kind, Field(default_factory=lambda: argument.default, **options)


# By the code of the function: a nested tool is a new function in each render, and its schema the same. What could
# differ all the same (a type or a default taken from around it) is compared.
_FUNCTIONS: Final["WeakKeyDictionary[CodeType, tuple[tuple[Argument, ...], frozenset[str], _OfFunction]]"] = (
    WeakKeyDictionary()
)


def _of_function(tool: str, spec: Arguments, deps: frozenset[str]) -> _OfFunction:
    known = _FUNCTIONS.get(spec.code)
    if known is not None and known[1] == deps and _alike(known[0], spec.arguments):
        return known[2]
    made = _OfFunction(tool, spec, deps)
    _FUNCTIONS[spec.code] = (spec.arguments, deps, made)
    return made


def _alike(ones: Sequence[Argument], others: Sequence[Argument]) -> bool:
    return all(
        one.name == other.name
        and type(one.default) is type(other.default)
        and one.default == other.default
        and _same_type(one.annotation, other.annotation)
        for one, other in zip(ones, others, strict=True)
    )


def _same_type(one: Any, other: Any) -> bool:
    if one is other or one == other:
        return True
    if hasattr(one, "__metadata__") and hasattr(other, "__metadata__"):
        # Pydantic's fields compare by identity, and each render makes new ones.
        notes = repr(one.__metadata__) == repr(other.__metadata__)
        return notes and _same_type(one.__origin__, other.__origin__)
    ours, theirs = get_args(one), get_args(other)
    alike = bool(ours) and len(ours) == len(theirs) and get_origin(one) is get_origin(other)
    return alike and all(_same_type(*pair) for pair in zip(ours, theirs, strict=True))


@lru_cache(maxsize=256)
def _of_type(kind: type[Any]) -> _OfType:
    return _OfType(kind)


@lru_cache(maxsize=256)
def _of_output(kind: Any) -> Mapping[str, Any]:
    from pydantic import TypeAdapter

    # As results are written: with the names of the fields, unless the model itself says otherwise.
    by_alias = getattr(kind, "model_config", {}).get("serialize_by_alias", False)
    return _without_titles(TypeAdapter(readable(kind)).json_schema(mode="serialization", by_alias=by_alias))


def _issues(error: Any) -> list[tuple[str, str]]:
    details: list[dict[str, Any]] = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    return [(".".join(str(part) for part in issue["loc"]), issue["msg"]) for issue in details]


def _refused(
    issues: Collection[tuple[str, str]], kind: type[ValidationError] = ToolInputError
) -> ValidationError:
    told = "; ".join(f"{path}: {message}" if path else message for path, message in issues)
    listed = [{"path": path, "message": message} for path, message in issues]
    return kind(f"Validation failed: {told}", details={"issues": listed})


def _without_titles(schema: Any) -> Any:
    """Drop the titles that pydantic makes of names: tokens that tell a model nothing."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for keyword, value in cast("dict[str, Any]", schema).items():
        if keyword in ("properties", "$defs", "patternProperties"):
            plain[keyword] = {name: _without_titles(each) for name, each in value.items()}
        elif keyword in ("default", "const", "enum", "examples"):
            plain[keyword] = value
        elif keyword != "title":
            plain[keyword] = _without_titles(value)
    return plain

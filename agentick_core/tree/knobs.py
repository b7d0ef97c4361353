"""Knobs: settings that the model may change, what values they take, and which of them a tree has."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from agentick_core.errors import ValidationError

Primitive: TypeAlias = str | int | float | bool
KnobKind: TypeAlias = Literal["toggle", "range", "number", "select", "text"]
V = TypeVar("V", bool, int, float, str)
KNOB_PREFIX = "knob:"


def knob_key(name: str) -> str:
    """Give the key under which the knob's value lies in the session's state."""
    return KNOB_PREFIX + name


@dataclass(frozen=True, slots=True)
class Knob(Generic[V]):
    """A setting: its default, and what it may be set to.

    `group` lets several knobs be set at once; a momentary knob goes back to its default when the execution
    ends; an inline knob is not listed, but can be set. `validate` gives None or True for a good value, and a
    message or False for a bad one.
    """

    default: V
    description: str = ""
    options: Sequence[Primitive] = ()
    group: str | None = None
    required: bool = False
    momentary: bool = False
    inline: bool = False
    min: float | None = None
    max: float | None = None
    step: float | None = None
    max_length: int | None = None
    pattern: str | None = None
    validate: Callable[[Any], str | bool | None] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(cast("object", self.default), Primitive):
            raise ValidationError(
                f"A knob cannot begin as {self.default!r}", hint="Its default is a text, a number or a bool."
            )
        if self.options and self.default not in self.options:
            told = ", ".join(show_value(option) for option in self.options)
            raise ValidationError(
                f"A knob cannot begin as {self.default!r}: its options are {told}",
                hint="Give one of its options as the default.",
            )

    @property
    def kind(self) -> KnobKind:
        """How the knob is shown: toggle, range, number, select or text."""
        if isinstance(self.default, bool):
            return "toggle"
        if self.options:
            return "select"
        if isinstance(self.default, str):
            return "text"
        return "number" if self.min is None and self.max is None else "range"

    @property
    def value_type(self) -> str:
        """The type of its values: boolean, number or string."""
        return type_name(self.default)

    def problem(self, value: object) -> str | None:
        """Say what is wrong with a value, or None."""
        if type_name(value) != self.value_type:
            return f"expected a {self.value_type}, got {type_name(value)}"
        if self._is_whole and isinstance(value, float) and not value.is_integer():
            return "expected a whole number"
        if self.options and value not in self.options:
            return f"must be one of {', '.join(show_value(option) for option in self.options)}"
        problem = self._text_problem(value) if isinstance(value, str) else self._number_problem(value)
        return problem or self._validated(value)

    def or_default(self, value: Any) -> Any:
        """Give the value, or the default where it does not fit."""
        return self.default if self.problem(value) is not None else value

    def fit(self, value: Any) -> Any:
        """Give a good value in the type of the default: a whole 3.0 becomes 3 where the default is an int."""
        if isinstance(value, float) and self._is_whole:
            return int(value)
        return value

    @property
    def _is_whole(self) -> bool:
        """Whether only whole numbers fit: the default is one, and the step does not lead to others."""
        return isinstance(self.default, int) and float(self.step or 1).is_integer()

    def _number_problem(self, value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not math.isfinite(value):
            return "must be a finite number"
        if self.min is not None and value < self.min:
            return f"must be at least {show_value(self.min)}"
        if self.max is not None and value > self.max:
            return f"must be at most {show_value(self.max)}"
        return None

    def _text_problem(self, value: str) -> str | None:
        if self.required and not value:
            return "must not be empty"
        if self.max_length is not None and len(value) > self.max_length:
            return f"must be at most {self.max_length} characters"
        if self.pattern is not None and not re.search(self.pattern, value):
            return f"must match the pattern {self.pattern}"
        return None

    def _validated(self, value: object) -> str | None:
        verdict = self.validate(value) if self.validate else None
        if verdict is False:
            return "is not allowed"
        return verdict if isinstance(verdict, str) else None


class KnobRegistry:
    """The knobs of a tree: those of the last whole render, and those of the render that is running."""

    __slots__ = ("_momentary", "_named", "_next", "_seen", "known")

    def __init__(self) -> None:
        self.known: Mapping[str, Knob[Any]] = {}
        self._next: dict[str, Knob[Any]] = {}
        self._seen: Mapping[str, Knob[Any]] | None = None
        self._momentary: dict[str, Knob[Any]] = {}
        self._named: Counter[str] = Counter()

    def add(self, name: str, knob: Knob[Any]) -> None:
        """Note a knob that a component has; the later one of a name counts."""
        self._next[name] = knob
        if knob.momentary:
            self._momentary[name] = knob

    def so_far(self) -> Mapping[str, Knob[Any]]:
        """Give the knobs that this render has met so far."""
        return dict(self._next)

    def back_to(self, so_far: Mapping[str, Knob[Any]]) -> None:
        """Forget the knobs that came since: those who have them are not shown after all."""
        self._next = dict(so_far)

    def seen(self) -> Mapping[str, Knob[Any]]:
        """Give all knobs to a component that shows them; if there turn out to be others, it renders again."""
        later = {name: knob for name, knob in self.known.items() if name not in self._next}
        self._seen = {**self._next, **later}
        return self._seen

    def new_name(self, kind: str) -> str:
        """Give a name that no knob has: the kind and a number."""
        while True:
            self._named[kind] += 1
            name = f"{kind}-{self._named[kind]}"
            if name not in self.known and name not in self._next:
                return name

    def begin(self) -> None:
        """Begin a render."""
        self._next, self._seen = {}, None

    def finish(self) -> bool:
        """End a render; say whether somebody was shown other knobs than there are."""
        self.known = self._next
        return self._seen is not None and [*self._seen.items()] != [*self.known.items()]

    def take_momentary(self) -> Mapping[str, Knob[Any]]:
        """Give the momentary knobs that there were since the last time."""
        taken, self._momentary = self._momentary, {}
        return taken


def type_name(value: object) -> str:
    """Name the type of a value as JSON does."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case None:
            return "null"
        case _:
            return type(value).__name__


def show_value(value: object) -> str:
    """Write a value as the model reads it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)

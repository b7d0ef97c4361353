"""Settings that the model may change: `use_knob`, and `use_knobs` for who shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, Unpack, cast, overload

from agentick_core.errors import ContextError, ValidationError
from agentick_core.hooks.context import use_context
from agentick_core.hooks.session_state import SessionStateSlot, SetSessionState
from agentick_core.tree.context import Context, create_context
from agentick_core.tree.knobs import KNOB_PREFIX, Knob, KnobRegistry, Primitive, knob_key
from agentick_core.tree.slot import MISSING, Slot, claim

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.rendering import Place

V = TypeVar("V", bool, int, float, str)
R = TypeVar("R")


class KnobOptions(TypedDict, total=False):
    """What a knob may be told besides its default; see `Knob`."""

    description: str
    options: Sequence[Primitive]
    group: str | None
    required: bool
    momentary: bool
    inline: bool
    min: float | None
    max: float | None
    step: float | None
    max_length: int | None
    pattern: str | None
    validate: Callable[[Any], str | bool | None] | None


def knob(default: V, **options: Unpack[KnobOptions]) -> Knob[V]:
    """Describe a knob once, for `use_knob` in several components or for the `knobs` of an `AgentConfig`."""
    known = KnobOptions.__annotations__
    if unknown := sorted(options.keys() - known.keys()):
        raise TypeError(f"A knob has no option {unknown[0]!r}; known are {', '.join(known)}")
    return Knob(default, **options)


@overload
def use_knob(
    name: str, default: Knob[V] | V, *, resolve: Callable[[V], R], **options: Unpack[KnobOptions]
) -> tuple[R, SetSessionState[V]]: ...
@overload
def use_knob(
    name: str, default: Knob[V], *, resolve: None = None, **options: Unpack[KnobOptions]
) -> tuple[V, SetSessionState[V]]: ...
@overload
def use_knob(
    name: str, default: V, *, resolve: None = None, **options: Unpack[KnobOptions]
) -> tuple[V, SetSessionState[V]]: ...
def use_knob(
    name: str,
    default: Any,
    *,
    resolve: Callable[[Any], Any] | None = None,
    **options: Unpack[KnobOptions],
) -> Any:
    """Give the value of a setting, and its setter; the model changes it with `set_knob`, if `Knobs()` is shown.

    The value is a string, a number or a bool; `resolve` maps it to what the program works with. A stored value
    that does not fit any more counts as the default.

    Raises:
        ValidationError: the default is none of these, or not among its `options`.
    """
    slot = claim("use_knob", KnobSlot)
    known: Knob[Any] = cast("Knob[Any]", default) if isinstance(default, Knob) else knob(default, **options)
    slot.knob = known
    slot.fiber.scope.knobs.add(name, known)
    value = known.or_default(slot.read(knob_key(name)))
    return (resolve(value) if resolve is not None else value), slot.setter


def use_knob_name(name: str | None, kind: str) -> str:
    """Give the name, or the same new one in every render, which begins with the kind."""
    slot = claim("use_knob_name", Slot)
    if name is not None:
        return name
    if slot.value is MISSING:
        slot.value = slot.fiber.scope.knobs.new_name(kind)
    return slot.value


class SetKnob(SetSessionState[V]):
    """Sets a knob: `set_x(value)`, or `set_x.update(fn)`. Raises ValidationError for what it cannot be set to."""

    __slots__ = ("_knob_slot",)

    def __init__(self, slot: "KnobSlot") -> None:
        super().__init__(slot)
        self._knob_slot = slot

    def __call__(self, value: V) -> None:
        slot = self._knob_slot
        if problem := slot.knob.problem(value):
            raise ValidationError(f'The knob "{slot.key.removeprefix(KNOB_PREFIX)}" cannot be set: {problem}')
        super().__call__(slot.knob.fit(value))


class KnobSlot(SessionStateSlot):
    """The key of a knob in the session's state, and the knob as the last render had it."""

    __slots__ = ("knob",)

    def __init__(self, fiber: "Fiber", kind: str, place: "Place") -> None:
        super().__init__(fiber, kind, place)
        self.knob: Knob[Any] = Knob("")
        self.setter: SetSessionState[Any] = SetKnob[Any](self)

    def current(self) -> Any:
        """Give the value as it is now: the default where none was set, or one that does not fit."""
        return self.knob.or_default(super().current())


@dataclass(frozen=True, slots=True)
class KnobValue(Generic[V]):
    """A knob as it stands now."""

    name: str
    knob: Knob[V]
    value: V


class KnobAccess:
    """The knobs of the tree, to list them and to set them by name."""

    __slots__ = ("_registry", "_slot")

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._registry: KnobRegistry = slot.fiber.scope.knobs

    def listed(self) -> tuple[KnobValue[Any], ...]:
        """Give every knob with its value; who asks in a body is rendered again if there turn out to be more."""
        return tuple(
            KnobValue(name, knob, self.value(name, knob)) for name, knob in self._registry.seen().items()
        )

    def grouped(self) -> "Mapping[str | None, tuple[KnobValue[Any], ...]]":
        """Give the knobs that are to be listed by their groups: those without one first, no inline ones."""
        groups: dict[str | None, list[KnobValue[Any]]] = {None: []}
        for each in self.listed():
            if not each.knob.inline:
                groups.setdefault(each.knob.group, []).append(each)
        return {group: tuple(members) for group, members in groups.items() if members}

    @property
    def known(self) -> Mapping[str, Knob[Any]]:
        """The knobs of the last render, by name."""
        return self._registry.known

    def value(self, name: str, knob: Knob[Any]) -> Any:
        """Give the value of a knob."""
        return knob.or_default(self._slot.fiber.scope.host.context.state.get(knob_key(name)))

    def set(self, name: str, value: Any) -> None:
        """Set a knob to a value that fits."""
        self._slot.fiber.scope.host.context.state.set(knob_key(name), self.known[name].fit(value))


KNOBS_CONTEXT: Context[KnobAccess | None] = create_context(None, name="knobs")


def use_knobs_context() -> KnobAccess:
    """Give the knobs of the whole tree to a component that shows them inside a `KnobsProvider`.

    Raises:
        ContextError: there is no provider above.
    """
    access = use_context(KNOBS_CONTEXT)
    if access is None:
        raise ContextError(
            "use_knobs_context() was called outside of a KnobsProvider",
            hint="Yield the component as a child of KnobsProvider(...).",
        )
    return access


def use_knobs() -> KnobAccess:
    """Give the knobs of the whole tree."""
    slot = claim("use_knobs", Slot)
    if slot.value is MISSING:
        slot.value = KnobAccess(slot)
    return slot.value

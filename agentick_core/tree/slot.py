"""What a hook keeps in its fiber between renders."""

from typing import TYPE_CHECKING, Any, Final, TypeVar

from agentick_core.errors import HookOrderError, HookOutsideRenderError
from agentick_core.tree.rendering import Place, frame_above, rendering_now

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber


_ORDER = "Call the same hooks in the same order in every render: no hook inside an if or after a return."


class Missing:
    """The type of `MISSING`."""


MISSING: Final = Missing()


class Slot:
    """The place of one hook in a component: its kind, where it was called, and what it keeps."""

    __slots__ = ("fiber", "kind", "place", "value")

    def __init__(self, fiber: "Fiber", kind: str, place: Place) -> None:
        self.fiber = fiber
        self.kind = kind
        self.place = place
        self.value: Any = MISSING

    @property
    def label(self) -> str:
        """What the slot is called in reasons and errors."""
        return f"{self.kind} in {self.fiber.name} ({self.place})"

    def attach(self) -> None:
        """Begin to listen to what the hook follows, when the component has entered the tree."""

    def dispose(self) -> None:
        """Let go of what the hook holds, when the component leaves the tree."""


SlotT = TypeVar("SlotT", bound=Slot)


def claim(kind: str, slot_type: type[SlotT]) -> SlotT:
    """Give the slot of the hook that calls this, for the component that called the hook.

    Raises:
        HookOutsideRenderError: no component's body is running.
        HookOrderError: the render before had another hook here.
    """
    rendering = rendering_now()
    frame = frame_above(2)
    if rendering is None or rendering.fiber is None:
        place = Place(frame.f_code, frame.f_lasti)
        raise HookOutsideRenderError(
            f"{kind} was called at {place}, while no component's body was running",
            hint="Call hooks in the body of a component, or in a tool's use or render; "
            "callbacks and handlers use the values that the hook gave.",
        )
    fiber = rendering.fiber
    index = fiber.cursor
    fiber.cursor = index + 1
    if index < len(fiber.slots):
        known = fiber.slots[index]
        same_place = known.place.instruction == frame.f_lasti and known.place.code is frame.f_code
        if same_place and known.kind == kind and isinstance(known, slot_type):
            return known
        place = Place(frame.f_code, frame.f_lasti)
        raise HookOrderError(
            f"{fiber.name} called {kind} at {place}, where the render before called {known.kind} at {known.place}",
            hint=_ORDER,
        )
    place = Place(frame.f_code, frame.f_lasti)
    if fiber.settled:
        raise _too_many(fiber, kind, place)
    slot = slot_type(fiber, kind, place)
    fiber.slots.append(slot)
    return slot


def check_all_called(fiber: "Fiber") -> None:
    """Raise unless the body called every hook that it called before."""
    if fiber.cursor < len(fiber.slots):
        left_out = fiber.slots[fiber.cursor]
        before = fiber.slots[fiber.cursor - 1].place if fiber.cursor else "none"
        raise HookOrderError(
            f"{fiber.name} did not call {left_out.kind} at {left_out.place} this time; its last hook "
            f"was {before}",
            hint=_ORDER,
        )


def _too_many(fiber: "Fiber", kind: str, place: Place) -> HookOrderError:
    last = fiber.slots[-1].place if fiber.slots else "none"
    return HookOrderError(
        f"{fiber.name} called {kind} at {place}, one hook more than in the render before, whose last was {last}",
        hint=_ORDER,
    )


def same(before: object, after: object) -> bool:
    """Whether two values are the same: callables by identity, data of one type by `==`."""
    if before is after:
        return True
    if type(before) is not type(after) or callable(before):
        return False
    try:
        return bool(before == after)
    except (ValueError, TypeError):
        return False

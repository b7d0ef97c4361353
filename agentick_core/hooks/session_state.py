"""State that belongs to the session, by key: shared by all components and tools, and stored."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from agentick_core.tree.slot import MISSING, Slot, claim, same

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.rendering import Place

T = TypeVar("T")


class SetSessionState(Generic[T]):
    """Sets a value of the session's state: `set_x(value)`, or `set_x.update(fn)`."""

    __slots__ = ("_slot",)

    def __init__(self, slot: "SessionStateSlot") -> None:
        self._slot = slot

    def __call__(self, value: T) -> None:
        slot = self._slot
        slot.fiber.scope.check_thread(slot.label)
        state = slot.fiber.scope.host.context.state
        unchanged = isinstance(value, str | int | float | None) and same(state.get(slot.key, MISSING), value)
        if not unchanged:
            state.set(slot.key, value, persist=slot.persist)

    def update(self, change: Callable[[T], T]) -> None:
        """Set the value to what the function makes of it."""
        self(change(self._slot.current()))


class SessionStateSlot(Slot):
    """A key of the session's state that a component follows."""

    __slots__ = ("_forget", "key", "persist", "setter")

    def __init__(self, fiber: "Fiber", kind: str, place: "Place") -> None:
        super().__init__(fiber, kind, place)
        self.key = ""
        self.persist = True
        self.setter: SetSessionState[Any] = SetSessionState(self)
        self._forget: Callable[[], None] | None = None

    def read(self, key: str) -> Any:
        """Give the value under the key, MISSING where there is none, and follow it from now on."""
        if key != self.key:
            self.dispose()
            self.key = key
        self.value = self.fiber.scope.host.context.state.get(key, MISSING)
        if self.fiber.mounted and self._forget is None:
            self.attach()
        return self.value

    def current(self) -> Any:
        """Give the value as it is now, which a body that is not rendered yet has not seen."""
        return self.fiber.scope.host.context.state.get(self.key)

    def begin(self, value: object) -> None:
        """Set the first value, of which this component need not be told."""
        self.dispose()
        self.fiber.scope.host.context.state.set(self.key, value, persist=self.persist)
        self.read(self.key)

    def attach(self) -> None:
        """Render again whenever the value changes, and if it has changed since it was read."""
        state = self.fiber.scope.host.context.state
        self._forget = state.subscribe(self.key, self._changed)
        if not same(state.get(self.key, MISSING), self.value):
            self._changed(None)

    def dispose(self) -> None:
        """Follow the key no longer."""
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()

    def _changed(self, value: object) -> None:
        self.fiber.scope.request_render(f'session state "{self.key}" in {self.fiber.name}')


@overload
def use_session_state(key: str, initial: T, *, persist: bool = True) -> tuple[T, SetSessionState[T]]: ...
@overload
def use_session_state(
    key: str, *, factory: Callable[[], T], persist: bool = True
) -> tuple[T, SetSessionState[T]]: ...
def use_session_state(
    key: str, initial: object = None, *, factory: Callable[[], object] | None = None, persist: bool = True
) -> object:
    """Give the session's value under the key, and its setter; a change renders the tree again.

    Where there is no value yet, the initial one is set. `persist=False` keeps it out of the store.
    """
    slot = claim("use_session_state", SessionStateSlot)
    slot.persist = persist
    if slot.read(key) is MISSING:
        slot.begin(factory() if factory is not None else initial)
    return slot.value, slot.setter

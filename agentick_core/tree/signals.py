"""Signals: values that tell who has read them; what is computed from them, and what runs when they change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar, overload

from agentick_core.errors import StateError
from agentick_core.tree.observing import (
    DOUBTFUL,
    FRESH,
    STALE,
    Freshness,
    Observer,
    Source,
    batch_now,
    batching,
    running_loop,
    untracked,
)
from agentick_core.tree.slot import MISSING, same

T = TypeVar("T")

# How often in a row an effect may be the reason of its own next run.
OWN_RUNS: Final = 100


class Signal(Source[T]):
    """A value that is observed where it is read: `.value`, `.set(value)`, `.update(fn)`, `.subscribe(fn)`."""

    @property
    def value(self) -> T:
        """The value; assigning is the same as `set`."""
        return self.read()

    @value.setter
    def value(self, value: T) -> None:
        self.set(value)

    def set(self, value: T) -> None:
        """Set the value and tell whoever has read it, unless it is the same."""
        if same(self._value, value):
            return
        self._value = value
        with batching(explicit=False):
            self.tell(STALE)

    def update(self, change: Callable[[T], T]) -> None:
        """Set the value to what the function makes of it."""
        self.set(change(self._value))


class Computed(Source[T], Observer):
    """A value made of signals, made again when it is read after one of them has changed."""

    def __init__(self, compute: Callable[[], T]) -> None:
        Observer.__init__(self)
        super().__init__(MISSING)
        self._compute = compute
        self._computing = False
        self._checking = False
        self._error: Exception | None = None

    @property
    def value(self) -> T:
        """The value.

        Raises:
            StateError: the value is made of itself.
        """
        return self.read()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for its changes."""
        return bool(self._strong)

    def peek(self) -> T:
        """Give the value without observing it."""
        self.refresh()
        if self._error is not None:
            raise self._error
        return self._value

    def refresh(self) -> None:
        """Compute the value again if something it was made of has changed."""
        if self._computing:
            raise StateError("Circular dependency detected in computed signal")
        if self._checking or self.freshness == FRESH:
            return
        self._checking = True
        try:
            self.settle_doubt()
        finally:
            self._checking = False
        if self.freshness == STALE:
            self._compute_again()
        self.freshness = FRESH

    def doubt(self, freshness: Freshness) -> None:
        """Hear of a change; who has read this may be stale too then."""
        before = self.freshness
        self.freshness = max(before, freshness)
        if before == FRESH:
            self.tell(DOUBTFUL)

    def hold(self, observer: Observer) -> None:
        """Keep the observer alive, and this for it."""
        if not self._strong:
            for source in self.sources:
                source.hold(self)
        super().hold(observer)

    def release(self, observer: Observer) -> None:
        """Let the observer go, and this with the last of them."""
        super().release(observer)
        if not self._strong:
            for source in self.sources:
                source.release(self)

    def _compute_again(self) -> None:
        before, failed = self._value, self._error
        self._computing = True
        try:
            self._value, self._error = self.observe(self._compute), None
        # The failure is the value until something it was made of changes: whoever reads it gets it.
        except Exception as error:
            self._error = error
        finally:
            self._computing = False
        if failed is not None or self._error is not None or not same(before, self._value):
            self.confirm()


class Effect(Observer):
    """Runs once, and again after each change of a signal that it has read."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work
        self._cleanup: Callable[[], object] | None = None
        self._ended = self._running = self._scheduled = False
        self._own_runs = 0
        self.run()

    def doubt(self, freshness: Freshness) -> None:
        """Hear of a change: run at the end of the batch, or else in the next turn of the loop."""
        self.freshness = max(self.freshness, freshness)
        if self._ended or self._scheduled:
            return
        self._own_runs = self._own_runs + 1 if self._running else 0
        if self._own_runs > OWN_RUNS:
            raise StateError("Cycle detected: an effect sets a signal that it reads itself")
        batch = batch_now()
        loop = running_loop()
        self._scheduled = batch is not None or loop is not None
        if batch is not None and (batch.explicit or loop is None):
            batch.pending[self] = None
        elif loop is not None:
            loop.call_soon(self.run)

    def run(self) -> None:
        """Run, if a signal that it has read has changed."""
        if self._ended:
            return
        self.settle_doubt()
        self._scheduled = False
        if self.freshness != STALE:
            self.freshness = FRESH
            return
        self.freshness = FRESH
        self._clean_up()
        self._running = True
        try:
            given = self.observe(self._work)
        finally:
            self._running = False
        self._cleanup = given if callable(given) else None

    def end(self) -> None:
        """Run no more; what the last run gave is called."""
        self._ended = True
        self.let_go()
        self._clean_up()

    def _clean_up(self) -> None:
        cleanup, self._cleanup = self._cleanup, None
        if cleanup is not None:
            untracked(cleanup)


def signal(initial: T) -> Signal[T]:
    """Make a signal; setting it to an equal value is no change."""
    return Signal(initial)


def computed(compute: Callable[[], T]) -> Computed[T]:
    """Make a value out of signals: computed when it is read, and again only after one of them has changed."""
    return Computed(compute)


def effect(work: Callable[[], object]) -> Callable[[], None]:
    """Run now, and after each change of a signal that was read; give the way to stop.

    Changes in one turn of the event loop make one run, and so do those in one `batch`. What the work gives is
    called before its next run, and at the end.
    """
    return Effect(work).end


@overload
def batch() -> AbstractContextManager[None]: ...
@overload
def batch(work: Callable[[], T]) -> T: ...
def batch(work: Callable[[], Any] | None = None) -> Any:
    """Make many changes one: for a `with` block, or for a function, whose result it gives."""
    if work is None:
        return batching(explicit=True)
    with batching(explicit=True):
        return work()

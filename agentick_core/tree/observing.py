"""Who observes what: values that know their readers, batches of changes, and what the running code belongs to."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Generic, Literal, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from agentick_core.procedures.ambient import current, entered

T = TypeVar("T")
Freshness: TypeAlias = Literal[0, 1, 2]

# Of something that was made of other values: it holds, one of these may have changed, one of them has.
FRESH: Freshness = 0
DOUBTFUL: Freshness = 1
STALE: Freshness = 2


class Observer:
    """What reads signals, and is told when one of those it has read changes.

    A signal holds its observers weakly, and only those strongly that somebody outside waits for: an effect, a
    subscription, and what is computed for one.
    """

    def __init__(self) -> None:
        self.sources: dict[Source[Any], None] = {}
        self.freshness: Freshness = STALE

    @property
    def wanted(self) -> bool:
        """Whether the signals it has read must keep it alive."""
        return True

    def doubt(self, freshness: Freshness) -> None:
        """Hear that a value it was made of has changed (STALE), or may have (DOUBTFUL)."""
        raise NotImplementedError

    def run(self) -> None:
        """Do what the change asks for, at the end of the batch."""

    def settle_doubt(self) -> None:
        """Find out whether what is doubtful is stale."""
        for source in tuple(self.sources):
            if self.freshness != DOUBTFUL:
                return
            source.refresh()

    def observe(self, work: Callable[[], T]) -> T:
        """Run the work; it observes the signals that are read in it, and no others from now on."""
        before, self.sources = self.sources, {}
        try:
            with tracked(self):
                return work()
        finally:
            for source in before.keys() - self.sources.keys():
                source.drop(self)

    def let_go(self) -> None:
        """Observe nothing any more."""
        sources, self.sources = self.sources, {}
        for source in sources:
            source.drop(self)


class Source(Generic[T]):
    """A value that can be observed."""

    def __init__(self, value: Any) -> None:
        self._value: Any = value
        self._observers: WeakKeyDictionary[Observer, None] = WeakKeyDictionary()
        self._strong: dict[Observer, None] = {}

    def refresh(self) -> None:
        """Bring the value up to date."""

    def peek(self) -> T:
        """Give the value without observing it."""
        self.refresh()
        return self._value

    def subscribe(self, callback: Callable[[T], object]) -> Callable[[], None]:
        """Call back with each new value; give the way to stop."""
        subscription = Subscription(self, callback)
        return subscription.let_go

    def read(self) -> T:
        """Give the value; whoever computes now observes it."""
        try:
            return self.peek()
        finally:
            observer = observer_now()
            if observer is not None:
                observer.sources[self] = None
                self.add(observer)

    def add(self, observer: Observer) -> None:
        """Tell this observer of changes."""
        self._observers[observer] = None
        if observer.wanted:
            self.hold(observer)

    def drop(self, observer: Observer) -> None:
        """Tell this observer nothing any more."""
        self._observers.pop(observer, None)
        self.release(observer)

    def hold(self, observer: Observer) -> None:
        """Keep the observer alive."""
        self._strong[observer] = None

    def release(self, observer: Observer) -> None:
        """Let the observer go when nobody else has it."""
        self._strong.pop(observer, None)

    def tell(self, freshness: Freshness) -> None:
        """Tell the observers, oldest first."""
        for observer in tuple(self._observers):
            observer.doubt(freshness)

    def confirm(self) -> None:
        """Tell those who doubt that there was a change."""
        for observer in tuple(self._observers):
            if observer.freshness == DOUBTFUL:
                observer.freshness = STALE


class Subscription(Observer, Generic[T]):
    """Calls back with each new value of one source, as soon as the batch is over."""

    def __init__(self, source: Source[T], callback: Callable[[T], object]) -> None:
        super().__init__()
        self._source = source
        self._callback = callback
        self.sources[source] = None
        source.add(self)
        source.peek()
        self.freshness = FRESH

    def doubt(self, freshness: Freshness) -> None:
        """Hear of a change."""
        self.freshness = max(self.freshness, freshness)
        batch = batch_now()
        if batch is not None:
            batch.pending[self] = None

    def run(self) -> None:
        """Tell the value, if it has changed."""
        self.settle_doubt()
        changed, self.freshness = self.freshness == STALE, FRESH
        if changed and self.sources:
            untracked(lambda: self._callback(self._source.peek()))


class Batch:
    """What is to run when the outermost of some changes is done."""

    __slots__ = ("explicit", "is_open", "pending")

    def __init__(self, *, explicit: bool) -> None:
        self.explicit = explicit
        self.is_open = True
        self.pending: dict[Observer, None] = {}

    def flush(self) -> None:
        """Run everything, also what comes to it meanwhile; the first failure is raised at the end."""
        failure: Exception | None = None
        while self.pending:
            observer = next(iter(self.pending))
            del self.pending[observer]
            try:
                observer.run()
            # One observer's failure must not keep the others from hearing of the change.
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure


class Tracking:
    """What the code that runs now belongs to: who observes what it reads, and the batch of its changes.

    A task that was started meanwhile has it too, and outlives it; so it says whether it still holds.
    """

    __slots__ = ("batch", "is_open", "observer")

    def __init__(self, observer: Observer | None, batch: Batch | None) -> None:
        self.observer = observer
        self.batch = batch
        self.is_open = True


def observer_now() -> Observer | None:
    """Give who observes what is read now."""
    tracking = current().tracking
    return tracking.observer if isinstance(tracking, Tracking) and tracking.is_open else None


def batch_now() -> Batch | None:
    """Give the batch that changes belong to now."""
    tracking = current().tracking
    if not isinstance(tracking, Tracking) or tracking.batch is None or not tracking.batch.is_open:
        return None
    return tracking.batch


@contextmanager
def tracked(observer: Observer | None, batch: Batch | None = None) -> Generator[None]:
    """Let this observer observe what is read in the block; changes belong to this batch, or to that of before."""
    tracking = Tracking(observer, batch or batch_now())
    try:
        with entered(replace(current(), tracking=tracking)):
            yield
    finally:
        tracking.is_open = False


@contextmanager
def batching(*, explicit: bool) -> Generator[None]:
    """Make the changes of the block one; `explicit` also lets effects run at its end, and not later."""
    outer = batch_now()
    if outer is not None and (outer.explicit or not explicit):
        yield
        return
    opened = Batch(explicit=explicit)
    with tracked(observer_now(), opened):
        try:
            yield
        finally:
            try:
                opened.flush()
            finally:
                opened.is_open = False


def untracked(work: Callable[[], T]) -> T:
    """Run the function; the signals that it reads are not observed."""
    with tracked(None):
        return work()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Give the event loop, where one runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

"""Data that components fetch: what is there, what is on its way, and what a body gets meanwhile."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from agentick_core.errors import StateError, ValidationError, WireError
from agentick_core.tree.rendering import rendering_now
from agentick_core.tree.slot import same
from agentick_core.wire.values import plain

# How often one key may be fetched before a render has all it needs, and how many renders that may take.
FETCHES: Final = 10
ROUNDS: Final = 50


class Suspended(BaseException):
    """A body needs data that is not there yet; no body should catch it, so it is no `Exception`."""


class NotThereYetError(StateError):
    """Data was used outside of a body before it was there."""


@dataclass(slots=True)
class Datum:
    """One key: its value or its failure, what it was fetched for, and when."""

    deps: tuple[object, ...]
    tick: int
    persist: bool
    task: "asyncio.Future[Any] | None" = None
    value: Any = None
    error: BaseException | None = None
    restored: bool = False

    def fits(self, deps: tuple[object, ...]) -> bool:
        """Whether it was fetched for these dependencies."""
        if len(self.deps) != len(deps):
            return False
        return all(
            same(old, new) or (self.restored and _same_json(old, new))
            for old, new in zip(self.deps, deps, strict=True)
        )


class Pending:
    """Stands for data that is on its way: whoever looks at it in a body is rendered again when it is there."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        object.__setattr__(self, "_key", key)

    def __getattribute__(self, name: str) -> Any:
        wait_for(object.__getattribute__(self, "_key"))


def _refuse(self: Pending, *_: object) -> NoReturn:
    wait_for(object.__getattribute__(self, "_key"))


for _name in (
    *("bool", "str", "repr", "format", "bytes", "len", "iter", "next", "reversed", "contains", "getitem"),
    *("setitem", "delitem", "call", "hash", "eq", "ne", "lt", "le", "gt", "ge", "int", "float", "index"),
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "mod", "rmod", "neg"),
    *("and", "rand", "or", "ror", "xor", "enter", "exit", "await", "abs", "round", "pow", "setattr"),
):
    setattr(Pending, f"__{_name}__", _refuse)


def wait_for(key: str) -> NoReturn:
    """Stop the body that needs this data, until it is there.

    Raises:
        Suspended: a body is running.
        NotThereYetError: none is.
    """
    if rendering_now() is None:
        raise NotThereYetError(f'The data "{key}" is not there yet')
    raise Suspended(key)


def there(values: Iterable[object]) -> None:
    """Stop the body if one of these is data that is not there yet."""
    for value in values:
        if type(value) is Pending:
            wait_for(object.__getattribute__(value, "_key"))


class DataCache:
    """The data of one session, by key: fetched once, and again when it is invalidated or its deps change."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._data: dict[str, Datum] = {}
        self._fetched: Counter[str] = Counter()
        for key, fields in stored.items():
            deps = tuple(fields.get("deps") or ())
            self._data[key] = Datum(
                deps, int(fields.get("tick", 0)), True, value=fields.get("value"), restored=True
            )

    def get(
        self, key: str, fetch: Callable[[], Any], deps: tuple[object, ...], *, persist: bool, tick: int
    ) -> Any:
        """Give the value, or what stands for it until it is fetched.

        Raises:
            Exception: whatever the fetch has failed with, until the next execution.
        """
        datum = self._data.get(key)
        if datum is None or not datum.fits(deps):
            if persist and (problem := _no_json(key, "deps", deps)) is not None:
                raise problem
            datum = self._fetch(key, fetch, Datum(deps, tick, persist))
        datum.persist = persist
        if datum.task is not None:
            return Pending(key)
        if datum.error is not None:
            raise datum.error
        return datum.value

    def invalidate(self, matches: Callable[[str], bool]) -> bool:
        """Forget the keys that match, whatever has become of them; say whether there were any."""
        keys = [key for key in self._data if matches(key)]
        for key in keys:
            self._drop(key)
        return bool(keys)

    def forget_failures(self) -> None:
        """Let what has failed be fetched again."""
        self.invalidate(lambda key: self._data[key].error is not None)

    def stored(self) -> Mapping[str, Any]:
        """Give what is there and to be stored: value, tick and deps of each key."""
        return {
            key: {"value": datum.value, "tick": datum.tick, "deps": list(datum.deps)}
            for key, datum in self._data.items()
            if datum.persist and datum.task is None and datum.error is None
        }

    async def arrive(self) -> None:
        """Wait until everything that is on its way is there, or has failed."""
        if tasks := self._tasks():
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Cancel what is still on its way; it is fetched again when it is asked for."""
        self._fetched.clear()
        tasks = self._tasks()
        for key in [key for key, datum in self._data.items() if datum.task is not None]:
            self._drop(key)
        if tasks:
            await asyncio.wait(tasks)

    def _fetch(self, key: str, fetch: Callable[[], Any], datum: Datum) -> Datum:
        self._drop(key)
        self._fetched[key] += 1
        if self._fetched[key] > FETCHES:
            raise StateError(
                f'The data "{key}" was fetched {FETCHES} times in a row, each time with other deps',
                hint="Do two components use one key for different data, or are the deps new in every render?",
            )
        given = fetch()
        if inspect.isawaitable(given):
            datum.task = asyncio.ensure_future(given)
            datum.task.add_done_callback(lambda task: self._arrived(key, datum, task))
        else:
            self._take(key, datum, given)
        self._data[key] = datum
        return datum

    def _arrived(self, key: str, datum: Datum, task: "asyncio.Future[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        datum.task = None
        if self._data.get(key) is not datum:
            return
        if task.cancelled():
            datum.error = StateError(f'The fetch of the data "{key}" was cancelled')
        elif isinstance(error, NotThereYetError):
            # It needs other data first: it is fetched again in the render in which that is there.
            del self._data[key]
        elif error is not None:
            datum.error = error
        else:
            self._take(key, datum, task.result())

    def _take(self, key: str, datum: Datum, value: Any) -> None:
        datum.value = value
        if datum.persist:
            datum.error = _no_json(key, "value", value)

    def _drop(self, key: str) -> None:
        datum = self._data.pop(key, None)
        if datum is not None and datum.task is not None:
            datum.task.cancel()

    def _tasks(self) -> Sequence["asyncio.Future[Any]"]:
        return [datum.task for datum in self._data.values() if datum.task is not None]


def _no_json(key: str, what: str, value: object) -> ValidationError | None:
    try:
        plain(value)
    except WireError as error:
        return ValidationError(
            f'The {what} of the data "{key}" cannot be stored: {error.message}',
            hint="Fetch plain data, or say persist=False.",
        )
    return None


def _same_json(old: object, new: object) -> bool:
    try:
        return plain(old) == plain(new)
    except WireError:
        return False

"""A coroutine that says so where it is used for what it will give."""

from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


class Awaited(Coroutine[Any, Any, T_co], Generic[T_co]):
    """What an async method gives until it is awaited. A session has a `send` as a coroutine has one, so the error
    of a forgotten await would speak of neither."""

    __slots__ = ("_coroutine", "_written")

    def __init__(self, coroutine: Coroutine[Any, Any, T_co], written: str) -> None:
        self._coroutine = coroutine
        self._written = written

    def __await__(self) -> Generator[Any, Any, T_co]:
        return self._coroutine.__await__()

    def send(self, value: Any, /) -> Any:
        """Go on, as asyncio asks for with None; nobody else sends anything."""
        if value is not None:
            self._refuse("send")
        return self._coroutine.send(None)

    def throw(self, *raised: Any) -> Any:
        """Go on with an exception."""
        return self._coroutine.throw(*raised)

    def close(self) -> None:
        """Close it, begun or not."""
        self._coroutine.close()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        raise AttributeError(f"{self._written} has to be awaited first: (await {self._written}).{name}")


def awaited(
    written: str,
) -> Callable[[Callable[P, Coroutine[Any, Any, T_co]]], Callable[P, Coroutine[Any, Any, T_co]]]:
    """Make an async method give an `Awaited`; `written` is how a call of it looks."""

    def wrap(method: Callable[P, Coroutine[Any, Any, T_co]]) -> Callable[P, Coroutine[Any, Any, T_co]]:
        @wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T_co]:
            return Awaited(method(*args, **kwargs), written)

        return call

    return wrap

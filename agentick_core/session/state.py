"""The session's state: values by key, stored with the session unless they are said not to be."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from agentick_core.errors import SessionClosedError, StateError
from agentick_core.session.execution.input import check_json


class StateStore:
    """The values, who watches them, and which of them have to be stored since they were last taken."""

    def __init__(self, values: Mapping[str, Any], changed: Callable[[str], None]) -> None:
        self._values: dict[str, Any] = dict(values)
        self._transient: set[str] = set()
        self._watchers: dict[str, list[Callable[[Any], None]]] = {}
        self._changed = changed
        self._unsaved: set[str] = set()
        self._thread = threading.get_ident()
        self._closed = False

    def get(self, key: str, default: Any = None) -> Any:
        """Give the value, or the default where there is none."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any, *, persist: bool = True) -> None:
        """Set the value and tell whoever watches.

        Raises:
            ValidationError: where the value is to be stored and is not JSON.
            SessionClosedError: where the session has closed.
            StateError: where this is another thread than the session's.
        """
        self._check(key)
        was_stored = key in self._values and key not in self._transient
        if persist:
            check_json(f"Session state {key!r}", value, "Store plain data, or set it with persist=False.")
            self._transient.discard(key)
        else:
            self._transient.add(key)
        self._values[key] = value
        self._note(key, value, unsaved=persist or was_stored)

    def delete(self, key: str) -> None:
        """Forget the value; raises what `set` does."""
        self._check(key)
        if key in self._values:
            del self._values[key]
            self._note(key, None, unsaved=True)

    def all(self) -> Mapping[str, Any]:
        """Give a copy of everything."""
        return dict(self._values)

    def stored(self) -> Mapping[str, Any]:
        """Give a copy of what is to be stored."""
        return {key: value for key, value in self._values.items() if key not in self._transient}

    def take_changes(self) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Give what changed since the last time: the values to store, and the keys that are gone."""
        keys, self._unsaved = self._unsaved, set()
        values = {
            key: self._values[key] for key in keys if key in self._values and key not in self._transient
        }
        return values, tuple(sorted(keys - values.keys()))

    def subscribe(self, key: str, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Call back with each new value; give the way to stop."""
        watchers = self._watchers.setdefault(key, [])
        watchers.append(callback)

        def stop() -> None:
            if callback in watchers:
                watchers.remove(callback)

        return stop

    def is_watched(self, key: str) -> bool:
        """Tell whether somebody is told of each new value."""
        return bool(self._watchers.get(key))

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    def _check(self, key: str) -> None:
        if self._closed:
            raise SessionClosedError
        if threading.get_ident() != self._thread:
            raise StateError(
                f"Session state {key!r} was set from another thread than the session's",
                hint="From a synchronous tool, use ctx.call_soon(fn).",
            )

    def _note(self, key: str, value: Any, *, unsaved: bool) -> None:
        if unsaved:
            self._unsaved.add(key)
        self._changed(key)
        for watcher in tuple(self._watchers.get(key, ())):
            watcher(value)

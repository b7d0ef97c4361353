"""What a tree needs of the session that mounted it, and what its components and tools may ask of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from agentick_core.clock import Clock
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.procedures.token import CancelToken


class SessionState(Protocol):
    """The session's state: values by key, stored with the session unless they are said not to be."""

    def get(self, key: str, default: Any = None) -> Any:
        """Give the value, or the default where there is none."""
        ...

    def set(self, key: str, value: Any, *, persist: bool = True) -> None:
        """Set the value and tell whoever subscribed; what is to be stored must be JSON."""
        ...

    def delete(self, key: str) -> None:
        """Forget the value."""
        ...

    def all(self) -> Mapping[str, Any]:
        """Give a copy of everything."""
        ...

    def subscribe(self, key: str, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Call back with each new value; give the way to stop."""
        ...


class TimelineAccess(Protocol):
    """The session's timeline, to read and to change the view of it."""

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """The entries of the view, oldest first."""
        ...

    def set(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these entries from now on; the log keeps everything, and takes in new ones."""
        ...


class ChannelAccess(Protocol):
    """A named channel of the session, on which components, tools and the host talk to each other."""

    def publish(self, event: Mapping[str, Any]) -> Any:
        """Deliver an event with a type, perhaps an id, and a payload to every subscriber."""
        ...

    def subscribe(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call back with each event; give the way to stop."""
        ...

    async def wait_for_response(
        self,
        id: str,
        timeout: float = 30.0,  # noqa: ASYNC109  a reply that is late is an answer, not a cancellation
    ) -> Any:
        """Wait for the response to the request of that id; `timeout` is in seconds."""
        ...


class SessionContext(Protocol):
    """What a component, a hook's callback or a tool may ask of its session: `ctx`."""

    @property
    def session_id(self) -> str:
        """The session's id."""
        ...

    @property
    def user(self) -> Any:
        """Who asks, where the host said so."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of the ambient context."""
        ...

    @property
    def token(self) -> CancelToken:
        """What tells that the work was stopped."""
        ...

    @property
    def state(self) -> SessionState:
        """The session's state."""
        ...

    @property
    def timeline(self) -> TimelineAccess:
        """The session's timeline."""
        ...

    @property
    def resolved(self) -> Mapping[str, Any]:
        """What the app made of the stored session that this one came from, by name."""
        ...

    @property
    def knobs(self) -> Mapping[str, Any]:
        """The values of the knobs, by name."""
        ...

    @property
    def tools(self) -> Sequence[str]:
        """The names of the tools there are now."""
        ...

    def queue(self, message: Message | str) -> Awaitable[Message]:
        """Queue a message for the next tick."""
        ...

    @property
    def spawn(self) -> Callable[..., Any]:
        """Spawn a child session; the same call as `session.spawn`."""
        ...

    def notify_parent(self, message: Message | str | Mapping[str, Any]) -> Awaitable[str]:
        """Write a message into the inbox of the parent session, open or not; await it for the message's id."""
        ...

    def request_stop(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Ask that this execution ends after this tick; the reason of the highest priority is told."""
        ...

    def request_continue(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Ask for another tick after this one."""
        ...

    def request_recompile(self, reason: str | None = None) -> None:
        """Ask for another render before the model is called."""
        ...

    def channel(self, name: str) -> ChannelAccess:
        """Give the session's channel of that name."""
        ...


class TreeHost(Protocol):
    """What a tree needs of the session that mounted it."""

    clock: Clock

    @property
    def context(self) -> SessionContext:
        """The context handed to hooks."""
        ...

    def schedule(self, reason: str) -> None:
        """State has changed: note it for the scheduler. While a tick compiles, this means another pass."""
        ...

    def report_error(self, error: BaseException, source: str) -> None:
        """A callback of the user's raised: show it, and go on."""
        ...

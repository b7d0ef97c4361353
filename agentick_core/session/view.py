"""What can be seen of a session, without changing anything in it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

from agentick_core.messages.result import OutputT
from agentick_core.procedures.ambient import current
from agentick_core.session.telling.inspect import inspect_session
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    import asyncio

    from agentick_core.messages.message import Message
    from agentick_core.messages.snapshot import ForkPoint, SessionSnapshot
    from agentick_core.messages.timeline import TimelineEntry
    from agentick_core.models.model import ChatModel
    from agentick_core.session.core import SessionCore
    from agentick_core.session.dispatch import Dispatches
    from agentick_core.session.execution.handle import SessionExecutionHandle
    from agentick_core.session.execution.runs import Runs
    from agentick_core.session.life import Life
    from agentick_core.session.session import Session
    from agentick_core.session.telling.inspection import Inspection
    from agentick_core.session.telling.scheduler import SchedulerState

SessionStatus: TypeAlias = Literal["idle", "running", "closed"]


class SessionView(Generic[OutputT]):
    """A session, to look at."""

    _core: "SessionCore"
    _runs: "Runs[OutputT]"
    _dispatches: "Dispatches"
    _calls: "set[asyncio.Future[Any]]"

    @property
    def id(self) -> str:
        """The session's id."""
        return self._core.options.id

    @property
    def status(self) -> SessionStatus:
        """Whether it is idle, running or closed."""
        if self._core.closed:
            return "closed"
        return "running" if self._runs.current is not None else "idle"

    @property
    def is_terminal(self) -> bool:
        """Whether it is closed for good."""
        return self._core.closed

    @property
    def is_busy(self) -> bool:
        """Whether anything runs in it: an execution, a command, a child, or a call that has just been made."""
        running = self._runs.current is not None or bool(self._core.children.running)
        return running or bool(self._calls or self._dispatches.calls)

    @property
    def is_taking_inbox(self) -> bool:
        """Whether it is working through its inbox, or looking what is in it."""
        return self._core.inbox is not None and self._core.inbox.works

    @property
    def life(self) -> "Life":
        """Its runner, and what its host has a say in; for the app."""
        return self._core.life

    @property
    def is_aborted(self) -> bool:
        """Whether an execution was stopped and has not unwound yet."""
        return self._core.is_aborted

    @property
    def current_tick(self) -> int:
        """The tick that runs; when idle, the last one plus one."""
        return self._core.current_tick

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The labels given when the session was made; they never change."""
        return MappingProxyType(plain(self._core.origin.metadata))

    @property
    def parent_session_id(self) -> str | None:
        """The id of the session that this one belongs to."""
        return self._core.origin.parent_session_id

    @property
    def forked_from(self) -> "ForkPoint | None":
        """The session and the entry that this one was forked from."""
        return self._core.origin.forked_from

    @property
    def read_only(self) -> bool:
        """Whether it only shows what another program writes."""
        return self._core.options.read_only

    @property
    def queued_messages(self) -> "tuple[Message, ...]":
        """The accepted messages that no tick has shown yet."""
        return self._core.queue.messages

    @property
    def timeline(self) -> "tuple[TimelineEntry, ...]":
        """The history, oldest first."""
        return self._core.timeline.entries

    @property
    def execution(self) -> "SessionExecutionHandle[OutputT] | None":
        """The handle of what runs now, or None."""
        return self._runs.current.handle if self._runs.current is not None else None

    @property
    def scheduler_state(self) -> "SchedulerState | None":
        """The scheduler as it stands; None before the tree was mounted."""
        return self._core.scheduler.state if self._core.mounted else None

    @property
    def model(self) -> "ChatModel | None":
        """The session's own model or the app's; None where the tree decides."""
        return self._core.models.known

    def inspect(self) -> "Inspection":
        """Give a truthful picture of the session at this moment."""
        return inspect_session(self._core, self.status)

    def snapshot(self) -> "SessionSnapshot":
        """Give the session as it would be stored now."""
        return self._core.snapshot()

    @property
    def children(self) -> "tuple[Session[Any], ...]":
        """The child sessions that run now."""
        return self._core.children.running

    @property
    def component_name(self) -> str:
        """The name of the root component."""
        return self._core.root.name

    def is_inside(self) -> bool:
        """Tell whether the caller is part of what runs in this session, and would wait for itself."""
        running, inside = self._runs.current, current().inside
        if self._core.emitter.closing in inside:
            return True
        return (running is not None and running.id in inside) or not self._dispatches.ids.isdisjoint(inside)

"""The context that hooks and tools get: what they may ask of their session."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentick_core.errors import StateError
from agentick_core.events.emitter import Emitter
from agentick_core.events.orchestration import ToolProgress
from agentick_core.messages.blocks import ContentLike, as_blocks
from agentick_core.messages.message import Message
from agentick_core.procedures.ambient import current
from agentick_core.procedures.token import CancelToken
from agentick_core.session.telling.channel import Channel
from agentick_core.tools.context import Origin
from agentick_core.tree.host import SessionState, TimelineAccess
from agentick_core.tree.knobs import KNOB_PREFIX
from agentick_core.tree.tick_state import Continue, Stop

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore
    from agentick_core.session.execution.calls import ExecutionProcedure


class LiveContext:
    """A session as its components and callbacks see it."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self._core.options.id

    @property
    def user(self) -> Any:
        """Who asks, where the host said so."""
        return current().user

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of the ambient context."""
        return current().metadata

    @property
    def token(self) -> CancelToken:
        """What tells that the work was stopped."""
        return current().token or self._core.idle_token

    @property
    def state(self) -> SessionState:
        """The session's state."""
        return self._core.state

    @property
    def timeline(self) -> TimelineAccess:
        """The session's timeline."""
        return self._core.timeline

    @property
    def resolved(self) -> Mapping[str, Any]:
        """What the app made of the stored session that this one came from, by name."""
        return self._core.life.runner.resolved

    @property
    def knobs(self) -> Mapping[str, Any]:
        """The values of the knobs by name: of those in the tree as they stand, of others what is stored."""
        values = self._core.state.all().items()
        kept = {key.removeprefix(KNOB_PREFIX): value for key, value in values if key.startswith(KNOB_PREFIX)}
        known = self._core.tree.knobs.items()
        return kept | {name: knob.or_default(kept.get(name)) for name, knob in known}

    @property
    def tools(self) -> Sequence[str]:
        """The names of the tools there are now."""
        return self._core.toolbox.registry.names

    def queue(self, message: "Message | str") -> Awaitable[Message]:
        """Queue a message for the next tick; await it to know that it is stored."""
        return self._core.say(message)

    @property
    def spawn(self) -> "ExecutionProcedure[..., Any]":
        """Spawn a child session; the same as `session.spawn`."""
        if self._core.spawn is None:
            raise StateError(
                "spawn() is not available in this context. It requires a session.",
                hint="Run the agent with run(...) where there is no session.",
            )
        return self._core.spawn

    def notify_parent(self, message: "Message | str | Mapping[str, Any]") -> Awaitable[str]:
        """Write a message into the inbox of the parent session, open or not; await it for the message's id."""
        from agentick_core.session.inbox import notify_parent

        return self._core.in_background(notify_parent(self._core, message))

    def request_stop(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Ask that this execution ends after this tick; the reason of the highest priority is told."""
        self._core.verdicts.append(Stop(reason, priority))

    def request_continue(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Ask for another tick after this one."""
        self._core.verdicts.append(Continue(reason, priority))

    def request_recompile(self, reason: str | None = None) -> None:
        """Ask for another render before the model is called."""
        self._core.tree.request_recompile(reason or "requested")

    def channel(self, name: str) -> Channel:
        """Give the session's channel of that name."""
        return self._core.channel(name)


class LiveToolContext(LiveContext):
    """A session as one call of a tool sees it."""

    def __init__(
        self, core: "SessionCore", emitter: Emitter, call_id: str, name: str, origin: Origin
    ) -> None:
        super().__init__(core)
        self._emitter = emitter
        self._thread = threading.get_ident()
        self.call_id = call_id
        self.name = name
        self.origin: Origin = origin
        self._loop = asyncio.get_running_loop()

    def progress(self, content: ContentLike) -> None:
        """Tell how far the call is; from any thread."""
        if threading.get_ident() != self._thread:
            self.call_soon(lambda: self.progress(content))
            return
        emitter = self._emitter
        emitter.publish(ToolProgress(**emitter.stamp(), call_id=self.call_id, content=as_blocks(content)))

    def call_soon(self, fn: Callable[[], object]) -> None:
        """Run `fn` on the session's event loop."""
        self._loop.call_soon_threadsafe(fn)

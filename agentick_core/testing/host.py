"""A session for trees that have none: its state, its timeline, and notes of what was asked of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from agentick_core.clock import Clock, SystemClock
from agentick_core.messages.blocks import NO_METADATA
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.procedures.token import CancelToken
from agentick_core.session.keeping.timeline import Timeline
from agentick_core.session.state import StateStore
from agentick_core.session.telling.channel import Channel
from agentick_core.tree.host import SessionState, TimelineAccess
from agentick_core.tree.knobs import KNOB_PREFIX

T = TypeVar("T")


class LooseContext:
    """The context of a session that is not there: `queued`, `spawned`, `notified` and `asked` list what was
    asked of it."""

    def __init__(self, state: Mapping[str, Any], entries: Sequence[TimelineEntry], clock: Clock) -> None:
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self.session_id = "test"
        self.user: Any = None
        self.metadata: Mapping[str, Any] = NO_METADATA
        self.resolved: Mapping[str, Any] = NO_METADATA
        self.token = CancelToken()
        self.values = StateStore(state, _nothing)
        self.entries = Timeline(entries)
        self.tools: Sequence[str] = ()
        self.queued: list[Message] = []
        self.spawned: list[object] = []
        self.notified: list[object] = []
        self.asked: list[tuple[str, str | None]] = []
        self.recompile: Callable[[str], None] = _nothing

    @property
    def state(self) -> SessionState:
        """The session's state."""
        return self.values

    @property
    def timeline(self) -> TimelineAccess:
        """The session's timeline."""
        return self.entries

    @property
    def knobs(self) -> Mapping[str, Any]:
        """The values of the knobs that were set, by name."""
        values = self.values.all().items()
        return {key.removeprefix(KNOB_PREFIX): value for key, value in values if key.startswith(KNOB_PREFIX)}

    def queue(self, message: Message | str) -> Awaitable[Message]:
        """Note a message."""
        queued = UserMessage(message) if isinstance(message, str) else message
        self.queued.append(queued)
        return _given(queued)

    def spawn(self, agent: Any, input: Any = None, /, **options: Any) -> Any:
        """Note an agent; nothing is spawned."""
        self.spawned.append(agent)

    def notify_parent(self, message: Message | str | Mapping[str, Any]) -> Awaitable[str]:
        """Note that somebody wants to tell the parent something."""
        self.notified.append(message)
        return _given("")

    def request_stop(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Note that somebody wants to stop."""
        self.asked.append(("stop", reason))

    def request_continue(self, reason: str | None = None, *, priority: int = 0) -> None:
        """Note that somebody wants to go on."""
        self.asked.append(("continue", reason))

    def request_recompile(self, reason: str | None = None) -> None:
        """Ask the tree for another render."""
        self.recompile(reason or "requested")

    def channel(self, name: str) -> Channel:
        """Give the channel of that name, the same each time."""
        return self._channels.setdefault(name, Channel(name, self._clock))


class LooseHost:
    """A host for a tree without a session: `reasons` and `errors` list what the tree told it."""

    def __init__(
        self,
        state: Mapping[str, Any] = NO_METADATA,
        entries: Sequence[TimelineEntry] = (),
        clock: Clock | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.context = LooseContext(state, entries, self.clock)
        self.reasons: list[str] = []
        self.errors: list[tuple[BaseException, str]] = []

    def schedule(self, reason: str) -> None:
        """Note why the tree wants to render again."""
        self.reasons.append(reason)

    def report_error(self, error: BaseException, source: str) -> None:
        """Note what a callback has raised."""
        self.errors.append((error, source))


def _nothing(_: str) -> None:
    return None


async def _given(value: T) -> T:
    return value

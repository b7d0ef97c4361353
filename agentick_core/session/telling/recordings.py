"""How a session is recorded: its events become snapshots of its ticks, its model calls go onto a tape."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentick_core.errors import WireError
from agentick_core.errors.redact import REDACTED
from agentick_core.events.orchestration import (
    CompiledEvent,
    ExecutionEnd,
    ModelRequestEvent,
    ModelResponseEvent,
    TickEnd,
    TickStart,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.tool import ToolCall
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.recording.recording import (
    RecordedInput,
    Recording,
    RecordingConfig,
    RecordingMode,
    RecordingStatus,
    RecordingSummary,
)
from agentick_core.recording.snapshot import (
    ContextSnapshot,
    ExecutionSnapshot,
    FiberNode,
    FiberSnapshot,
    FiberSummary,
    ModelInput,
    ModelSnapshot,
    RecordedOutput,
    RecordedToolResult,
    TickPhase,
    TickSnapshot,
    ToolsSnapshot,
)
from agentick_core.recording.tape import Tape
from agentick_core.session.execution.input import check_options
from agentick_core.session.telling.channel import ChannelEvent
from agentick_core.tree.element import Element
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore
    from agentick_core.tree.fiber import Fiber

_SECRET = re.compile("key|token|secret|passw", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class _OpenTick:
    """A tick that is not over; times are those of the clock that only grows."""

    number: int
    tick: int
    execution_id: str
    timestamp: float
    began: float
    request: ModelRequest | None = None
    model_id: str | None = None
    asked: float | None = None
    latency: float = 0.0
    output: RecordedOutput | None = None
    usage: Usage = NO_USAGE
    calls: tuple[ToolCall, ...] = ()
    results: dict[str, RecordedToolResult] = field(default_factory=dict[str, RecordedToolResult])
    tools_began: float | None = None
    tools_ended: float = 0.0


class Recordings:
    """The recording of a session: the one that runs, else the last one."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._tape = Tape()
        self._stops: list[Callable[[], None]] = []
        self._config: RecordingConfig | None = None
        self._clear()

    def _clear(self) -> None:
        self._started_at = self._core.clock.now()
        self._ended_at: float | None = None
        self._inputs: list[RecordedInput] = []
        self._snapshots: list[TickSnapshot] = []
        self._open: _OpenTick | None = None
        self._ended: ExecutionEnd | None = None
        self._status: RecordingStatus = "running"

    def start(self, mode: RecordingMode) -> None:
        """Begin a new recording; "none" stops, and forgets the one before.

        Raises:
            ValidationError: there is no such mode.
        """
        check_options({"recording": mode})
        self.stop()
        self._clear()
        core = self._core
        if mode == "none":
            self._config = None
            return
        self._config = RecordingConfig(
            component_name=core.root.name,
            mode=mode,
            max_ticks=core.options.max_ticks,
            initial_props=_props(core.root),
        )
        self._tape = Tape()
        core.emitter.sinks.append(self._heard)
        self._stops += [
            lambda: core.emitter.sinks.remove(self._heard) if self._heard in core.emitter.sinks else None,
            core.channel("messages").subscribe(self._accepted),
        ]

    def stop(self) -> None:
        """End the recording; what was recorded stays."""
        if not self._stops:
            return
        for stop in self._stops:
            stop()
        self._stops.clear()
        self._ended_at = self._core.clock.now()
        self._status = self._status_now()

    @property
    def tapes(self) -> tuple[Tape, ...]:
        """The tape that takes down the model calls while it records."""
        return (self._tape,) if self._stops else ()

    @property
    def recording(self) -> Recording | None:
        """The recording as it stands; None where there is none."""
        if self._config is None:
            return None
        usage = sum((each.model.usage for each in self._snapshots), NO_USAGE)
        return Recording(
            session_id=self._core.options.id,
            started_at=self._started_at,
            ended_at=self._ended_at,
            config=self._config,
            inputs=tuple(self._inputs),
            snapshots=tuple(self._snapshots),
            calls=self._tape.calls,
            summary=RecordingSummary(
                tick_count=len(self._snapshots),
                total_duration=sum(each.duration for each in self._snapshots),
                total_usage=usage,
                final_status=self._status_now() if self._stops else self._status,
                final_stop_reason=self._ended.stop_reason if self._ended is not None else None,
            ),
        )

    def snapshot_at(self, number: int, execution_id: str | None) -> TickSnapshot | None:
        """Give the snapshot of that number; with an execution, that of its tick."""
        if execution_id is None:
            return next((each for each in self._snapshots if each.number == number), None)
        wanted = (number, execution_id)
        return next((each for each in self._snapshots if (each.tick, each.execution_id) == wanted), None)

    def given(self, props: Mapping[str, Any]) -> None:
        """Take down the props that a send or a render brought."""
        if self._stops:
            now = self._core.clock.now()
            self._inputs.append(RecordedInput(timestamp=now, props=_shown(props)))

    def used(self, usage: Usage) -> None:
        """Take down what a model call has taken, also one that failed, or was made beside the conversation."""
        if self._open is not None:
            self._open.usage = self._open.usage + usage

    def _accepted(self, event: ChannelEvent) -> None:
        if event.type == "message_queued":
            self._inputs.append(RecordedInput(timestamp=self._core.clock.now(), message=event.payload))

    def _status_now(self) -> RecordingStatus:
        if self._core.emitter.execution_id:
            return "running"
        if self._ended is None:
            return "completed"
        if self._ended.aborted:
            return "aborted"
        return "completed" if self._ended.error is None else "failed"

    def _heard(self, event: StreamEvent) -> None:
        if event.spawn_path:
            return
        if isinstance(event, TickStart):
            self._begin(event)
            return
        if isinstance(event, ExecutionEnd):
            self._ended = event
        if self._open is not None:
            self._note(self._open, event)

    def _begin(self, event: TickStart) -> None:
        self._open = _OpenTick(
            number=self._core.tick_count,
            tick=event.tick,
            execution_id=event.execution_id,
            timestamp=self._core.clock.now(),
            began=self._core.clock.monotonic(),
        )

    def _note(self, tick: _OpenTick, event: StreamEvent) -> None:
        now = self._core.clock.monotonic
        match event:
            case CompiledEvent():
                tick.request = event.request
            case ModelRequestEvent():
                tick.request, tick.model_id, tick.asked = event.request, event.model_id, now()
            case ModelResponseEvent():
                self._answered(tick, event)
            case ToolResultStart(origin="model"):
                tick.tools_began = now() if tick.tools_began is None else tick.tools_began
            case ToolResultEvent(origin="model"):
                tick.tools_ended = now()
                tick.results[event.call_id] = RecordedToolResult(
                    tool_use_id=event.call_id,
                    name=event.name,
                    success=not event.is_error,
                    content=event.result,
                )
            case TickEnd():
                self._end(tick, "complete", event.should_continue, event.stop_reason, None)
            case ExecutionEnd():
                stopped = event.aborted or event.error is None
                error = event.error.message if event.error is not None else None
                reason = event.abort_reason if event.aborted else event.stop_reason
                self._end(tick, "aborted" if stopped else "failed", False, reason, error)
            case _:
                pass

    def _answered(self, tick: _OpenTick, event: ModelResponseEvent) -> None:
        began = tick.began if tick.asked is None else tick.asked
        tick.latency = _milliseconds(began, self._core.clock.monotonic())
        tick.calls = event.tool_calls
        tick.output = RecordedOutput(
            content=event.message.content,
            stop_reason=event.stop_reason,
            token_count=event.usage.output_tokens,
        )

    def _end(
        self, tick: _OpenTick, phase: TickPhase, goes_on: bool, reason: str | None, error: str | None
    ) -> None:
        core, self._open = self._core, None
        request = tick.request
        if tick.output is None and tick.asked is not None:
            tick.latency = _milliseconds(tick.asked, core.clock.monotonic())
        ordered = [tick.results[call.call_id] for call in tick.calls if call.call_id in tick.results]
        self._snapshots.append(
            TickSnapshot(
                session_id=core.options.id,
                number=tick.number,
                tick=tick.tick,
                execution_id=tick.execution_id,
                timestamp=tick.timestamp,
                duration=_milliseconds(tick.began, core.clock.monotonic()),
                fiber=self._fibers(),
                com=ContextSnapshot(
                    sections=request.sections if request is not None else no_metadata(),
                    timeline=core.timeline.entries,
                    tools=request.tools if request is not None else (),
                    model_id=tick.model_id,
                    metadata=core.origin.metadata,
                ),
                model=ModelSnapshot(
                    input=ModelInput(formatted=request),
                    output=tick.output,
                    latency=tick.latency,
                    usage=tick.usage,
                ),
                tools=ToolsSnapshot(
                    calls=tick.calls,
                    results=tuple(ordered),
                    total_duration=_milliseconds(tick.tools_began or tick.tools_ended, tick.tools_ended),
                ),
                execution=ExecutionSnapshot(
                    execution_id=tick.execution_id,
                    phase=phase,
                    should_continue=goes_on,
                    stop_reason=reason,
                    queued_messages=len(core.queue.messages),
                    error=error,
                ),
            )
        )

    def _fibers(self) -> FiberSnapshot:
        tree = self._core.tree
        hooks = tree.hook_counts()
        summary = FiberSummary(
            component_count=tree.component_count(),
            hook_count=sum(hooks.values()),
            hooks_by_type=dict(hooks),
        )
        if self._config is None or self._config.mode != "full":
            return FiberSnapshot(summary=summary)
        tops = tuple(_node(fiber) for fiber in tree.fibers())
        root = tops[0] if len(tops) == 1 else FiberNode(name="Root", children=tops)
        return FiberSnapshot(summary=summary, tree=root)


def _milliseconds(began: float, ended: float) -> float:
    return max(0.0, ended - began) * 1000


def _node(fiber: "Fiber") -> FiberNode:
    return FiberNode(
        name=fiber.name,
        key=fiber.node.node_key,
        hooks=dict(Counter(slot.kind for slot in fiber.slots)),
        children=tuple(_node(child) for child in fiber.children.values()),
    )


def _props(root: Element) -> Mapping[str, Any]:
    return _shown(root.component.signature.bind(*root.args, **root.kwargs).arguments)


def _shown(props: Mapping[str, Any]) -> dict[str, Any]:
    """Give props as they may be kept: no secrets, and of what is not JSON only the type."""
    return {name: REDACTED if _SECRET.search(name) else _kept(value) for name, value in props.items()}


def _kept(value: Any) -> Any:
    try:
        return plain(value)
    except WireError:
        return f"<{type(value).__name__}>"

"""From the engine's events to what the status bar says: who answers, what is awaited, what it has cost; pure."""

from collections.abc import Callable

from agentick_core.events.model import ContentStart, MessageEnd, ReasoningStart, ToolCallStart
from agentick_core.events.orchestration import (
    ContextUpdate,
    ExecutionEnd,
    ExecutionStart,
    ModelRequestEvent,
    ModelRetry,
    TickStart,
    ToolConfirmationRequired,
    ToolConfirmationResult,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.models.model import ModelInfo

# What a model is awaited to do; a tool may take its time.
_MODELS = frozenset(("waiting", "thinking", "answering"))


class Follower:
    """What is known of the run. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.model = ""
        self.tokens: int | None = None
        self.context: int | None = None
        self.window: int | None = None
        self.tick = 0
        self.awaiting = ""
        self.since: float | None = None
        self.heard: float | None = None
        self.retry = self.reason = ""
        self._asked: set[str] = set()
        self._tools: dict[str, str] = {}

    def use_model(self, info: ModelInfo | None) -> None:
        """Say which model answers from now on."""
        if info is not None:
            self.model = info.name or info.id
            self.window = info.context_window

    def begin_anew(self) -> None:
        """Forget what was counted and awaited, as for another session."""
        self.tokens = self.context = None
        self.tick = 0
        self._rest()

    def apply(self, event: StreamEvent) -> None:
        """Let an event change what is known; a child's events only say what is awaited."""
        if event.spawn_path:
            return
        self._apply(event)
        # To the second: what is told again and again is drawn again and again.
        self.heard = float(int(self._clock())) if self.awaiting in _MODELS else None

    def _apply(self, event: StreamEvent) -> None:
        match event:
            case ExecutionStart():
                self._await("starting")
            case ExecutionEnd():
                self._rest()
            case TickStart():
                self.tick = event.tick
            case ModelRequestEvent():
                self._await("waiting")
            case ModelRetry():
                self.retry, self.reason = f"attempt {event.attempt + 1}", event.reason
                self._await("retrying")
            case ContextUpdate():
                self._count(event)
            case _:
                self._apply_answer(event)

    def _apply_answer(self, event: StreamEvent) -> None:
        match event:
            case ReasoningStart():
                self._await("thinking")
            case ContentStart() | ToolCallStart():
                self._await("answering")
            case MessageEnd():
                self._await("working")
            case ToolResultStart(origin="model"):
                self._tools[event.call_id] = event.name
                self._await_tools()
            case ToolResultEvent(origin="model"):
                self._tools.pop(event.call_id, None)
                self._await_tools()
            case ToolConfirmationRequired():
                self._asked.add(event.call_id)
                self._await("your answer")
            case ToolConfirmationResult():
                self._asked.discard(event.call_id)
                self._await_tools()
            case _:
                pass

    def _await_tools(self) -> None:
        if self._asked:
            self._await("your answer")
        else:
            self._await(", ".join(self._tools.values()) or "working")

    def _await(self, what: str) -> None:
        if what != "retrying":
            self.retry = self.reason = ""
        if what != self.awaiting or self.since is None:
            self.awaiting, self.since = what, self._clock()

    def _rest(self) -> None:
        self.awaiting, self.since, self.heard = "", None, None
        self.retry = self.reason = ""
        self._asked.clear()
        self._tools.clear()

    def _count(self, event: ContextUpdate) -> None:
        self.model = event.model_name or event.model_id
        self.window = event.context_window
        self.context = event.input_tokens + event.output_tokens
        self.tokens = event.cumulative_usage.total_tokens

"""A host for tool calls without a session."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from agentick_core.clock import SystemClock
from agentick_core.events.base import Stamp, StreamEventBase
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.token import CancelToken
from agentick_core.tools.confirm import AllowRule, AllowRules, ConfirmationDesk
from agentick_core.tools.context import Origin, ToolContext
from agentick_core.tools.host import Ask, ToolRunner
from agentick_core.tools.merge import AnyTool, BoundTool, ToolRegistry
from agentick_core.tools.threads import ToolThreads
from agentick_core.tools.waiting import ClientAnswers

if TYPE_CHECKING:
    from agentick_core.tree.host import SessionState

EventT = TypeVar("EventT", bound=StreamEventBase)


class State:
    """The state of a session, in a dict."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, *, persist: bool = True) -> None:
        assert persist
        self.values[key] = value


class Context:
    """The little of a context that these tests look at."""

    def __init__(self, call: ToolCall, origin: Origin) -> None:
        self.call_id = call.call_id
        self.name = call.name
        self.origin = origin


class FakeHost:
    """Runs tools, keeps every event, and calls `listeners` with each one at once."""

    def __init__(
        self,
        *tools: AnyTool,
        deps: Mapping[str, Mapping[str, Any]] | None = None,
        ask: Ask | None = None,
        runner: ToolRunner | None = None,
        allow: Sequence[AllowRule] = (),
        folder: Path | None = None,
    ) -> None:
        self.clock = SystemClock()
        self.token = CancelToken()
        self.desk = ConfirmationDesk()
        self.answers = ClientAnswers()
        self.threads = ToolThreads()
        self.state = State()
        self.rules = AllowRules(cast("SessionState", self.state), allow)
        self.ask = ask
        self.runner = runner
        self.results_folder = folder
        self.confirmation_timeout: float | None = None
        self.layers: list[Middleware] = []
        self.outputs: dict[str, Any] = {}
        self.events: list[StreamEvent] = []
        self.listeners: list[Callable[[StreamEvent], object]] = []
        bound = {tool.name: BoundTool(tool, (deps or {}).get(tool.name, {})) for tool in tools}
        aliases = {alias: tool.name for tool in tools for alias in tool.options.aliases}
        self.registry = ToolRegistry(bound, aliases)

    @property
    def emitter(self) -> "FakeHost":
        return self

    def stamp(self) -> Stamp:
        number = len(self.events) + 1
        return {"id": f"x:{number}", "sequence": number, "tick": 1, "time": 0.0, "execution_id": "x"}

    def publish(self, event: StreamEvent) -> None:
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    @asynccontextmanager
    async def asking(self, call_id: str) -> AsyncGenerator[None]:
        yield

    def allow(self, rule: AllowRule) -> None:
        self.rules.add(rule)
        self.desk.apply(rule)

    def middleware(self, name: str) -> Sequence[Middleware]:
        return self.layers if name == "tool:run" else ()

    def context_for(self, call: ToolCall, bound: BoundTool, origin: Origin) -> ToolContext:
        assert bound.tool.name == call.name
        return cast("ToolContext", Context(call, origin))

    def record_output(self, name: str, input: Any) -> None:
        self.outputs[name] = input

    def of(self, kind: type[EventT]) -> list[EventT]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    def when(self, kind: type[EventT], react: Callable[[EventT], object]) -> None:
        """React to each event of a kind, before whoever published it goes on."""
        self.listeners.append(lambda event: react(event) if isinstance(event, kind) else None)


def call(name: str, /, **input: Any) -> ToolCall:
    return ToolCall(f"call_{name}", name, input)


def text(result: ToolResult) -> str:
    return "|".join(block.text for block in result.content if isinstance(block, TextBlock))


def failure(result: ToolResult) -> str:
    assert result.failure is not None, f"{result.name} worked: {text(result)}"
    return result.failure.error_type


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Let the loop turn until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0)


async def soon(awaitable: Awaitable[Any], seconds: float = 5) -> Any:
    async with asyncio.timeout(seconds):
        return await awaitable

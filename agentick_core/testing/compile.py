"""Looking at what an agent shows a model, without a model: `compile_agent` and `render_agent`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from agentick_core.compile.compiled import CompiledTool, CompiledTree
from agentick_core.compile.request import build_request
from agentick_core.compile.stable import PASS_LIMIT
from agentick_core.compile.tokens import Sizing, estimate_tools
from agentick_core.messages.blocks import NO_METADATA, ContentLike, as_blocks, text_of
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolCall, ToolDefinition, ToolResult
from agentick_core.testing.host import LooseHost
from agentick_core.tools.schema import warm_up
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import AgentLike, as_element
from agentick_core.tree.hook_events import ExecutionEnded, ExecutionStarted, MessageReceived
from agentick_core.tree.host import SessionState
from agentick_core.tree.node import ToolNode
from agentick_core.tree.tick_state import Decided, TickResult, TickState
from agentick_core.tree.tree import Tree


@dataclass(frozen=True, slots=True)
class CompiledAgent:
    """What a model would be sent, and the compiled tree that it was made of."""

    request: ModelRequest
    tree: CompiledTree
    errors: tuple[BaseException, ...] = field(default=())

    @property
    def system(self) -> tuple[str, ...]:
        """The system texts, in order."""
        return self.request.system

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation, ephemeral messages included."""
        return self.request.messages

    @property
    def sections(self) -> Mapping[str, str]:
        """The text of each section, by id."""
        return self.request.sections

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools that the model may call, sorted."""
        return tuple(tool.name for tool in self.request.tools)

    @property
    def text(self) -> str:
        """Everything the model reads, as one text."""
        return "\n\n".join((*self.system, *(message.text for message in self.messages)))

    def tool(self, name: str) -> ToolNode:
        """Give the tool of that name, to look at it or to call it."""
        for compiled in (*self.tree.tools, *self.tree.hidden_tools):
            if compiled.tool.name == name:
                return compiled.tool
        raise LookupError(f'There is no tool "{name}"')


class RenderedAgent:
    """A mounted agent without a session: `tick` compiles it, `answer` plays the model.

    `state` is the session's state, `host` tells what the agent asked for and which callbacks failed. Use it as
    an async context manager; at its end the agent is unmounted.
    """

    def __init__(self, agent: AgentLike, host: LooseHost, hidden: Sequence[ToolNode] = ()) -> None:
        self.host = host
        self.tree = Tree(as_element(agent), host, hidden=hidden)
        self.compiled: CompiledAgent | None = None
        self._executions = 0
        self._tick = 0
        self._pending: tuple[Message, ...] = ()
        host.context.recompile = self.tree.request_recompile

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.tree.unmount()

    @property
    def state(self) -> SessionState:
        """The session's state."""
        return self.host.context.state

    @property
    def history(self) -> tuple[TimelineEntry, ...]:
        """What has been said and answered so far."""
        return self.host.context.timeline.entries

    def set_props(self, **props: Any) -> None:
        """Lay these props over those of the agent, from the next tick on."""
        self.tree.set_root(self.tree.root.replace_props(props))

    def set_root(self, agent: AgentLike) -> None:
        """Render this agent from the next tick on."""
        self.tree.set_root(as_element(agent))

    async def mount(self) -> CompiledTree:
        """Render outside of a tick."""
        return await self.tree.mount(TickState(ctx=self.host.context))

    async def tick(self, *messages: str | Message, limit: int = PASS_LIMIT) -> CompiledAgent:
        """Begin a tick with these new messages, and give what the model would be sent."""
        for given in messages:
            message = UserMessage(given) if isinstance(given, str) else given
            await self._receive(message)
            self._pending = (*self._pending, message)
        if self._tick == 0:
            self._executions += 1
            await self.tree.execution_start(
                ExecutionStarted(ctx=self.host.context, execution_id=self.execution_id)
            )
        self._tick += 1
        state = TickState(
            ctx=self.host.context,
            tick=self._tick,
            execution_id=self.execution_id,
            queued_messages=self._pending,
            sizing=Sizing(request=_size),
        )
        await self.tree.tick_start(state)
        compiled = await self.tree.compile(state, limit=limit)
        await warm_up()
        self.compiled = self._look_at(compiled)
        return self.compiled

    async def answer(
        self,
        content: ContentLike = "",
        *,
        tool_calls: Sequence[ToolCall] = (),
        tool_results: Sequence[ToolResult] = (),
        stop_reason: str = "stop",
    ) -> Decided:
        """End the tick with this answer of the model, and give what the agent decides."""
        blocks = as_blocks(content) if content else ()
        answered = (Message("assistant", blocks),) if blocks else ()
        added = tuple(
            TimelineEntry(self.host.clock.new_id(), message) for message in (*self._pending, *answered)
        )
        self._pending = ()
        self.host.context.timeline.set((*self.history, *added))
        for message in answered:
            await self._receive(message)
        return await self.tree.tick_end(
            TickResult(
                ctx=self.host.context,
                tick=self._tick,
                should_continue=bool(tool_calls),
                text=text_of(blocks),
                content=blocks,
                tool_calls=tuple(tool_calls),
                tool_results=tuple(tool_results),
                stop_reason=stop_reason,
                timeline=added,
            )
        )

    async def end(self, stop_reason: str | None = None, *, aborted: bool = False) -> None:
        """End the execution; the next tick begins another."""
        event = ExecutionEnded(
            ctx=self.host.context, execution_id=self.execution_id, stop_reason=stop_reason, aborted=aborted
        )
        await self.tree.execution_end(event)
        self._tick = 0

    @property
    def execution_id(self) -> str:
        """The id of the execution that runs, or of the last one."""
        return f"execution-{self._executions}"

    async def _receive(self, message: Message) -> None:
        clock = self.host.clock
        await self.tree.message(
            MessageReceived(
                ctx=self.host.context,
                id=message.id or clock.new_id(),
                content=message,
                timestamp=int(clock.now() * 1000),
            ),
            self.tree.hearers(),
        )

    def _look_at(self, compiled: CompiledTree) -> CompiledAgent:
        errors = tuple(error for error, _ in self.host.errors)
        return CompiledAgent(_request(compiled), compiled, errors)


def render_agent(
    agent: AgentLike,
    *,
    history: Sequence[TimelineEntry | Message | str] = (),
    state: Mapping[str, Any] = NO_METADATA,
    tools: Sequence[ToolNode] = (),
) -> RenderedAgent:
    """Mount an agent without a session, for as many ticks as the test wants.

    `history` is what was said before, `state` the session's state, `tools` those from outside the tree.
    """
    host = LooseHost(state)
    host.context.timeline.set([_entry(given, index) for index, given in enumerate(history)])
    return RenderedAgent(agent, host, tools)


async def compile_agent(
    agent: AgentLike,
    messages: str | Sequence[str | Message] = (),
    *,
    history: Sequence[TimelineEntry | Message | str] = (),
    state: Mapping[str, Any] = NO_METADATA,
    tools: Sequence[ToolNode] = (),
) -> CompiledAgent:
    """Give what a model would be sent for these messages, or this one, without a model and without a session."""
    async with render_agent(agent, history=history, state=state, tools=tools) as rendered:
        return await rendered.tick(*((messages,) if isinstance(messages, str) else messages))


def _request(compiled: CompiledTree) -> ModelRequest:
    return build_request(compiled, [_definition(each) for each in (*compiled.tools, *compiled.hidden_tools)])


async def _size(compiled: CompiledTree) -> int:
    await warm_up()
    request = _request(compiled)
    return request.estimated_tokens + estimate_tools(request.tools)


def _entry(given: TimelineEntry | Message | str, index: int) -> TimelineEntry:
    match given:
        case TimelineEntry():
            return given
        case Message():
            return TimelineEntry(f"entry-{index}", given)
        case str():
            return TimelineEntry(f"entry-{index}", UserMessage(given))


def _definition(compiled: CompiledTool) -> ToolDefinition:
    tool = compiled.tool
    if isinstance(tool, Tool):
        return tool.definition(tuple(compiled.deps))
    return ToolDefinition(name=tool.name)

"""The tools of a session: which there are now, and everything that running one needs."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from agentick_core.clock import Clock
from agentick_core.compile.compiled import CompiledTree
from agentick_core.errors import ToolError
from agentick_core.events.emitter import Emitter
from agentick_core.events.model import ErrorEvent
from agentick_core.messages.tool import ToolCall, ToolDefinition
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.token import CancelToken
from agentick_core.session.context import LiveToolContext
from agentick_core.session.execution.input import check_keywords
from agentick_core.session.telling.channel import ChannelEvent
from agentick_core.storage.journal import ToolsAsked
from agentick_core.tools.confirm import AllowRule, AllowRules, ConfirmationDesk, Decision
from agentick_core.tools.context import Origin, ToolContext
from agentick_core.tools.host import Ask, ToolRunner
from agentick_core.tools.merge import AnyTool, BoundTool, ToolRegistry, TreeTool
from agentick_core.tools.schema import warm_up
from agentick_core.tools.threads import ToolThreads
from agentick_core.tools.waiting import ClientAnswers

SECONDS_FOR_THREADS = 1.0
ANSWERS = "tool_confirmation"
"""The channel on which answers to tool calls are given and told."""
ANSWER = (
    "approved", "reason", "input", "modified_arguments", "modifiedArguments", "always", "content", "error",
)  # fmt: skip

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


class Toolbox:
    """What lives as long as the session: the registry, which is swapped whole, and whoever waits for an answer."""

    def __init__(self, core: "SessionCore") -> None:
        options = core.options
        self._core = core
        self._from_tree: tuple[TreeTool, ...] = ()
        self._beside_tree: tuple[TreeTool, ...] = ()
        self.app_tools = options.app_tools
        self.session_tools = options.session_tools
        self.send_tools: tuple[AnyTool, ...] = ()
        self.registry = ToolRegistry.merged(app=self.app_tools, session=self.session_tools)
        self._told: set[str] = set()
        self.desk = ConfirmationDesk()
        self.answers = ClientAnswers()
        self.rules = AllowRules(core.state, options.allow)
        self.threads = ToolThreads()

    @property
    def outside_tree(self) -> tuple[AnyTool, ...]:
        """The tools that do not come from the tree."""
        return (*self.app_tools, *self.session_tools, *self.send_tools)

    @property
    def to_mount(self) -> tuple[AnyTool, ...]:
        """The tools outside the tree that bring hooks, and so have to be rendered beside it."""
        return tuple(tool for tool in self.outside_tree if tool.use is not None or tool.render is not None)

    def update(self, compiled: CompiledTree) -> None:
        """Take the tools of a compiled tree, all at once."""
        self._from_tree, self._beside_tree = compiled.tools, compiled.hidden_tools
        self._merge()
        self._tell_warnings()

    async def definitions(self, reader: Literal["model", "user"] | None = None) -> tuple[ToolDefinition, ...]:
        """Give the tools that this reader may call, or all, sorted by name; their schemas are made at first need."""
        registry = self.registry
        if registry.tools:
            await warm_up()
        return registry.definitions(reader)

    def offer(self, tools: tuple[AnyTool, ...]) -> None:
        """Take the tools of one send in place of those of the send before."""
        if tools != self.send_tools:
            self.send_tools = tools
            self._merge()

    def host(
        self, token: CancelToken, outputs: dict[str, Any], emitter: Emitter, given: BoundTool | None = None
    ) -> "RunningTools":
        """Give what a run of tools needs: `token` stops them, output tools write into `outputs`, and a tool that
        is `given` goes over whatever has its name."""
        return RunningTools(self._core, token, outputs, emitter, given)

    def answer(self, call_id: str, response: Any = None, /, **answer: Any) -> bool:
        """Answer a call that waits: a confirmation with a decision, a client tool with its content or its error.

        Tell whether a call of that id waited for such an answer.

        Raises:
            ValidationError: where a confirmation waits, and this says neither yes nor no.
            TypeError: where an answer has no such part.
        """
        check_keywords("submit_tool_result", answer, ANSWER)
        if "content" in answer:
            return self.answers.answer(call_id, answer["content"])
        if "error" in answer:
            failed = ToolError(str(answer["error"]), code="CLIENT_TOOL_ERROR")
            return self.answers.fail(call_id, failed)
        if self.desk.asks(call_id):
            given = (
                response if isinstance(response, Decision) else Decision.from_wire(_wire(response or answer))
            )
            return self.desk.answer(call_id, given)
        if answer or isinstance(response, Decision):
            # A decision is no content, though the client of that call may be waited for by now.
            return False
        return self.answers.answer(call_id, response)

    def take(self, call_id: str, response: Any, answer: Mapping[str, Any]) -> bool:
        """Answer a call that waits here or in a child; tell whether it waited."""
        taken = self.answer(call_id, response, **answer)
        return taken or self._core.children.answer(call_id, response, dict(answer))

    def allow(self, rule: AllowRule) -> None:
        """Keep a rule, here and in the children that run, and let run what it covers of that which waits."""
        self.rules.add(rule)
        self.desk.apply(rule)
        self._core.children.allow(rule)

    def _tell_warnings(self) -> None:
        """Publish each warning about the tools once."""
        emitter = self._core.emitter
        for text in self.registry.warnings:
            if text not in self._told:
                self._told.add(text)
                emitter.publish(
                    ErrorEvent(**emitter.stamp(), message=text, code="TOOL_WARNING", source="tools")
                )

    def _merge(self) -> None:
        self.registry = ToolRegistry.merged(
            app=self.app_tools,
            session=self.session_tools,
            send=self.send_tools,
            tree=self._from_tree,
            beside=self._beside_tree,
        )

    async def close(self) -> None:
        """Let nobody wait any more."""
        await self.threads.join(SECONDS_FOR_THREADS)


def answer_event(call_id: str, response: object, answer: Mapping[str, Any]) -> ChannelEvent:
    """Write an answer as it stands on the channel of answers."""
    payload = response.to_wire() if isinstance(response, Decision) else _wire(response or answer)
    return ChannelEvent(type="response", id=call_id, payload=payload)


def _wire(answer: object) -> object:
    """Give an answer by the names of the wire, whichever of them it was given by."""
    if not isinstance(answer, Mapping):
        return answer
    names = {"modified_arguments": "modifiedArguments", "input": "modifiedArguments"}
    return {names.get(name, name): value for name, value in cast("Mapping[str, Any]", answer).items()}


class RunningTools:
    """The host of the tool calls of one execution, or of one dispatch."""

    def __init__(
        self,
        core: "SessionCore",
        token: CancelToken,
        outputs: dict[str, Any],
        emitter: Emitter,
        given: BoundTool | None = None,
    ) -> None:
        self._core = core
        self._token = token
        self._outputs = outputs
        self._emitter = emitter
        self._given = given

    @property
    def clock(self) -> Clock:
        """The time."""
        return self._core.clock

    @property
    def emitter(self) -> Emitter:
        """Where events go."""
        return self._emitter

    @property
    def token(self) -> CancelToken:
        """What stops the calls."""
        return self._token

    @property
    def registry(self) -> ToolRegistry:
        """The tools there are at this moment."""
        registry = self._core.toolbox.registry
        return registry if self._given is None else registry.topped(self._given)

    @property
    def desk(self) -> ConfirmationDesk:
        """The requests that wait for a person."""
        return self._core.toolbox.desk

    @property
    def answers(self) -> ClientAnswers:
        """The client tools that wait for their result."""
        return self._core.toolbox.answers

    @property
    def rules(self) -> AllowRules:
        """What needs no person any more."""
        return self._core.toolbox.rules

    @property
    def threads(self) -> ToolThreads:
        """Where synchronous handlers run."""
        return self._core.toolbox.threads

    @property
    def runner(self) -> ToolRunner | None:
        """What stands before the tools that a model calls."""
        return self._core.life.runner.tools

    @property
    def ask(self) -> Ask | None:
        """What is asked before a person."""
        return self._core.options.callbacks.on_tool_confirmation

    @property
    def confirmation_timeout(self) -> float | None:
        """How many seconds a person has to answer."""
        return self._core.options.confirmation_timeout

    @property
    def results_folder(self) -> Path | None:
        """Where results that are too long for the model are kept whole."""
        return self._core.options.overflow

    @asynccontextmanager
    async def asking(self, call_id: str) -> AsyncGenerator[None]:
        """Keep, while somebody is asked about a call, that it has not begun; that it may is stored before it does."""
        self._ask_about(*self._asked, call_id)
        try:
            yield
        # Whoever is told of a refusal may run something in the tool's place.
        except Exception:
            await self._answered(call_id)
            raise
        await self._answered(call_id)

    def allow(self, rule: AllowRule) -> None:
        """Keep a rule with the session."""
        self._core.toolbox.allow(rule)

    def middleware(self, name: str) -> Sequence[Middleware]:
        """Give the middleware for calls of that name, outermost first."""
        return self._core.options.middleware.for_name(name)

    def context_for(self, call: ToolCall, bound: BoundTool, origin: Origin) -> ToolContext:
        """Make the context that the tool gets for this call."""
        return LiveToolContext(self._core, self._emitter, call.call_id, bound.tool.name, origin)

    def record_output(self, name: str, input: Any) -> None:
        """Keep what an output tool was given."""
        self._outputs[name] = input

    @property
    def _asked(self) -> tuple[str, ...]:
        execution = self._core.open_execution
        return () if execution is None else execution.asked

    def _ask_about(self, *call_ids: str) -> None:
        self._core.progress(ToolsAsked(self._core.emitter.execution_id, call_ids))

    async def _answered(self, call_id: str) -> None:
        self._ask_about(*(asked for asked in self._asked if asked != call_id))
        await self._core.keeper.drain()

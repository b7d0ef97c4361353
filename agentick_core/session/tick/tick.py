"""One tick: compile the tree, ask the model, run the tools, keep what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.request import Structural, build_request
from agentick_core.events.orchestration import CompiledEvent, TickEnd, TickStart
from agentick_core.messages.blocks import TextBlock, ToolResultBlock
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.result import RawOutput
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.models.model import ChatModel
from agentick_core.procedures.token import CancelToken
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.limits import Budget, Claim, LimitReason
from agentick_core.session.tick.aside import ask_aside
from agentick_core.session.tick.asking import Answer, ModelCall, tell_context, through_middleware
from agentick_core.session.tick.correction import correction, refusal
from agentick_core.session.tick.draft import Draft
from agentick_core.session.tick.output import WantedOutput
from agentick_core.storage.journal import MessagesShown, TickBegun, ToolsBegun
from agentick_core.tools.execute import result_block, run_tool_calls
from agentick_core.tree.tick_state import Decided, TickResult, TickState, decide

if TYPE_CHECKING:
    from agentick_core.messages.timeline import TimelineEntry

# The provider asks to be asked once more: it has not said all yet.
PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickOptions:
    """What an execution gives to each of its ticks: `is_last` says that no other may follow, `ends` is called as
    soon as it is decided that none does."""

    number: int
    execution_id: str
    is_last: bool
    token: CancelToken
    outputs: dict[str, Any]
    structural: Structural
    budget: Budget
    output: WantedOutput | None
    ends: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TickOutcome:
    """How a tick ended: whether another follows, and why not."""

    should_continue: bool
    stop_reason: str | None = None


class Tick:
    """One model call of an execution, with everything around it."""

    def __init__(self, core: SessionCore, options: TickOptions) -> None:
        self._core = core
        self._options = options
        self._call = ModelCall(core, options.execution_id, options.token, options.budget)
        self._answer: Answer | None = None
        self.entries: tuple[TimelineEntry, ...] = ()
        self.interruptible = True
        self._goes_on = False

    async def run(self) -> TickOutcome:
        """Run it to its end.

        Raises:
            ComponentError: a component raised; what a tick-start or tick-end callback raises comes as it is.
            LimitError: the cost is limited, and the price of the model is not known.
            NoModelError: no model is configured.
            ProviderError: the model failed.
        """
        token = self._options.token
        token.raise_if_cancelled()
        compiled = await self._compile(self._begin())
        token.raise_if_cancelled()
        request = await self._requested(compiled)
        if compiled.stop_reason is not None:
            return self._end(Decided(False, compiled.stop_reason), None)
        answer = await self._ask(self._core.models.for_tick(compiled.model), request)
        if not isinstance(answer, Answer):
            return self._end(Decided(False, answer), None)
        token.raise_if_cancelled()
        results = await self._run_tools(answer)
        await self._ingest(answer, results)
        # What was stopped while its tools ran is told to the end of the tick, and nobody is asked to go on.
        decided = Decided(True) if token.cancelled else await self._decide(answer, results)
        outcome = self._end(decided, answer)
        tell_context(self._core)
        token.raise_if_cancelled()
        return outcome

    def leftovers(self) -> list[Draft]:
        """Give what was said in a tick that was cut off, and is not committed."""
        drafts: list[Draft] = []
        answer, self._answer = self._answer, None
        if answer is not None:
            drafts += self._answered(answer, [self._cut_off(call) for call in answer.calls])
        elif (partial := self._call.partial) is not None:
            drafts.append(Draft(message=partial, tags=("model_output", "interrupted")))
        return drafts

    @property
    def partial_text(self) -> str:
        """What the model has said so far of an answer that is not committed."""
        return self._call.partial_text

    def _begin(self) -> TickState:
        core = self._core
        number = self._options.number
        core.current_tick = core.emitter.tick = number
        core.tick_count += 1
        core.keeper.put_off(TickBegun(core.tick_count))
        core.verdicts.clear()
        core.scheduler.tick_started()
        pending = core.queue.take()
        if pending:
            shown = tuple(message.id for message in pending)
            core.progress(MessagesShown(self._options.execution_id, shown))
        core.emitter.publish(TickStart(**core.emitter.stamp()))
        return TickState(
            ctx=core.context,
            tick=number,
            execution_id=self._options.execution_id,
            queued_messages=pending,
            context_info=core.estimates.context,
            sizing=core.estimates.sizing(self._options.structural),
            ask_aside=partial(ask_aside, core),
        )

    async def _compile(self, state: TickState) -> CompiledTree:
        core = self._core
        core.phase = "compile"
        async with core.tree_lock:
            core.scheduler.compile_started()
            try:
                core.tree.set_root(core.root)
                core.tree.set_hidden(core.toolbox.to_mount)
                with core.rendering():
                    await core.tree.tick_start(state)
                    compiled = await core.tree.compile(state)
            finally:
                core.scheduler.compile_ended("tick")
            core.toolbox.update(compiled)
            core.mounted = True
        return compiled

    async def _requested(self, compiled: CompiledTree) -> ModelRequest:
        core = self._core
        request = build_request(
            compiled,
            await core.toolbox.definitions("model"),
            self._options.structural,
            estimator=core.estimates.estimator(compiled.model),
        )
        core.last.compiled = compiled
        core.last.forced_stable = compiled.reasons if compiled.forced_stable else ()
        core.last.output = RawOutput(
            system=request.system,
            sections=request.sections,
            tools=request.tools,
            ephemeral=tuple(each.message for each in compiled.ephemeral),
            model_options=request.options,
        )
        core.emitter.publish(
            CompiledEvent(
                **core.emitter.stamp(),
                request=request,
                raw_compiled=compiled.raw,
                passes=compiled.passes,
                forced_stable=compiled.forced_stable,
                reasons=compiled.reasons,
            )
        )
        return request

    async def _ask(self, model: ChatModel, request: ModelRequest) -> "Answer | LimitReason":
        """Ask the model, or say which limit forbids it."""
        self._core.phase = "model"
        request = await self._core.life.runner.transformed(request)
        return await through_middleware(self._core, model, request, partial(self._claim_and_ask, model))

    async def _claim_and_ask(self, model: ChatModel, request: ModelRequest) -> "Answer | LimitReason":
        options, estimates = self._options, self._core.estimates
        fallback = self._core.options.fallback
        if options.output is not None:
            request = options.output.shaped(request, (model, *fallback))
        estimates.check(model.info, request)
        models = (model, *(other for other in fallback if estimates.fits(other.info, request)))
        claim = estimates.claim(options.budget, models, request)
        if not isinstance(claim, Claim):
            return claim
        self._answer = answer = await self._call.ask(models, request, claim)
        return answer

    async def _run_tools(self, answer: Answer) -> tuple[ToolResult, ...]:
        if not answer.calls:
            return ()
        core = self._core
        core.phase = "tools"
        # Stored before the first tool begins: what may have been done is never forgotten, and never done twice.
        core.progress(ToolsBegun(self._options.execution_id, answer.message))
        await core.keeper.drain()
        # An abort reaches the tools by the token: each call then ends with a result that says so.
        self.interruptible = False
        host = core.toolbox.host(self._options.token, self._options.outputs, core.emitter)
        results = await run_tool_calls(answer.calls, host)
        core.last.tool_results = results
        return results

    async def _ingest(self, answer: Answer, results: tuple[ToolResult, ...]) -> None:
        core = self._core
        core.phase = "ingest"
        self.interruptible = False
        drafts = self._answered(answer, [result_block(result) for result in results])
        corrected = correction(answer, results, self._options.output)
        if corrected is not None:
            drafts.append(corrected)
        self._goes_on = self._default(answer, corrected=corrected is not None)
        self._answer = None
        self.entries = await core.commit(drafts)
        self.interruptible = True

    def _default(self, answer: Answer, *, corrected: bool) -> bool:
        """Tell whether another tick follows where nobody decides otherwise."""
        output = self._options.output
        if output is not None and (output.given or output.repairs):
            return output.asks_again
        return bool(answer.calls) or corrected or answer.stop_reason == PAUSED

    @staticmethod
    def _answered(answer: Answer, results: list[ToolResultBlock]) -> list[Draft]:
        drafts: list[Draft] = []
        if answer.message.content:
            drafts.append(Draft(message=answer.message, tags=("model_output",)))
        if results:
            drafts.append(Draft(message=Message("tool", tuple(results)), tags=("tool_output",)))
        return drafts

    async def _decide(self, answer: Answer, results: tuple[ToolResult, ...]) -> Decided:
        core, options = self._core, self._options
        core.phase = None
        # What they set, queue and ask for counts for this tick.
        await core.message_hooks.heard(options.execution_id)
        default = Decided(self._goes_on or core.queue.has_next_tick())
        # What the tools have asked for stands first; each callback sees what was decided before it.
        asked = decide(default, None, core.verdicts)
        core.verdicts.clear()
        result = TickResult(
            ctx=core.context,
            tick=options.number,
            should_continue=asked.should_continue,
            text=answer.message.text,
            content=answer.message.content,
            tool_calls=answer.calls,
            tool_results=results,
            stop_reason=answer.stop_reason,
            usage=answer.usage,
            timeline=self.entries,
        )
        decided = await core.tree.tick_end(result)
        await core.added.told()
        await core.message_hooks.heard(options.execution_id)
        if decided == Decided(asked.should_continue):
            decided = asked
        decided = decide(decided, None, core.verdicts)
        if decided == default == Decided(False) and core.queue.has_next_tick():
            # A message came in while the callbacks ran, and nobody asked for a stop.
            decided = Decided(True)
        if not decided.should_continue:
            return replace(decided, reason=decided.reason or refusal(answer, results))
        limit = "max_ticks" if options.is_last else options.budget.used_up()
        return decided if limit is None else Decided(False, limit)

    def _end(self, decided: Decided, answer: Answer | None) -> TickOutcome:
        core = self._core
        core.phase = None
        core.scheduler.tick_ended()
        if not decided.should_continue:
            self._options.ends()
        core.emitter.publish(
            TickEnd(
                **core.emitter.stamp(),
                should_continue=decided.should_continue,
                usage=answer.usage if answer else None,
                stop_reason=answer.stop_reason if answer else decided.reason,
                model=answer.model.info.id if answer else None,
            )
        )
        return TickOutcome(should_continue=decided.should_continue, stop_reason=decided.reason)

    def _cut_off(self, call: ToolCall) -> ToolResultBlock:
        execution = self._core.open_execution
        asked = () if execution is None else execution.asked
        begun = not self.interruptible and call.call_id not in asked
        text = (
            "The call was cut off; its outcome is unknown."
            if begun
            else "The call was cancelled before it ran."
        )
        return ToolResultBlock(
            call.call_id, call.name, (TextBlock(text),), is_error=True, executed_by="engine"
        )

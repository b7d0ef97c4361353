"""One execution: the ticks of one send, from execution_start to execution_end."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agentick_core.errors import AbortError, ProviderError
from agentick_core.events.orchestration import ExecutionEnd, ExecutionStart, ResultEvent
from agentick_core.messages.result import SendResult
from agentick_core.messages.usage import NO_USAGE
from agentick_core.procedures.ambient import Ambient, current, entered, laid_over
from agentick_core.procedures.token import CancelToken
from agentick_core.session.core import Draft, SessionCore, event_error
from agentick_core.session.handle import HandleControls, SessionExecutionHandle
from agentick_core.session.input import SendInput
from agentick_core.session.tick import Tick, TickOptions
from agentick_core.storage.journal import ExecutionClosed, ExecutionOpened
from agentick_core.tree.hook_events import ExecutionEnded, ExecutionStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from agentick_core.tree.element import Element

OutputT = TypeVar("OutputT")
LOOP_CLOSES = "The event loop is closing"
CANCELLED = "The execution's task was cancelled"


class Execution(Generic[OutputT]):
    """Runs ticks until nothing is left to do; whatever happens, it unwinds and settles its handle."""

    def __init__(
        self, core: SessionCore, input: SendInput, ended: "Callable[[Execution[OutputT]], None]"
    ) -> None:
        self.id = core.clock.new_id()
        self.input = input
        self.root: Element | None = None
        self.accepts = True
        self.resumes = True
        self.error: BaseException | None = None
        controls = HandleControls(
            abort=self.abort, queue=core.queue_message, answer=core.answer, tick=lambda: self._tick_number
        )
        self.handle: SessionExecutionHandle[OutputT] = SessionExecutionHandle(
            core.options.id, self.id, controls
        )
        self._core = core
        self._ended = ended
        self._token = CancelToken()
        self._ambient = self._make_ambient()
        self._outputs: dict[str, object] = {}
        self._log_start = 0
        self._stop_reason: str | None = None
        self._usage = NO_USAGE
        self._tick: Tick | None = None
        self._tick_number = 1
        self._finishing = False
        self._work: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._signals: list[Callable[[], None]] = []
        for signal in (*core.options.signals, input.signal):
            self._follow(signal)

    def join(self, signal: CancelToken | None) -> None:
        """Take in a send that became part of this execution; its signal stops it too."""
        self.handle.callers += 1
        self._follow(signal)

    def start(self) -> None:
        """Begin; the ticks run in a task of their own."""
        self.handle.waits_for = None
        if self.root is not None:
            self._core.root = self.root
        self._task = asyncio.create_task(self._run(), name=f"execution {self.id}")

    async def unwound(self) -> None:
        """Wait until it has ended, however it ends."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def abort(self, error: AbortError) -> None:
        """Stop: the result fails now, the work as soon as it notices; what is queued waits.

        Once the result stands only the callbacks that still run are cut short.
        """
        if self._finishing:
            self._cancel_work()
            return
        if self.error is not None:
            return
        self.error = error
        self.accepts = self.resumes = False
        if self._task is None:
            self._never_began()
            return
        self._core.is_aborted = True
        if self._tick is None:
            self._core.queue.take(first_tick=True)
        self.handle.reject(error, "aborted")
        self._token.stop(error)
        if self._tick is None or self._tick.interruptible:
            self._cancel_work()

    def _cancel_work(self) -> None:
        if self._work is not None and not self._work.cancelling():
            self._work.cancel()

    def _never_began(self) -> None:
        self._forget_signals()
        self._settle(None)
        self._ended(self)

    def _follow(self, signal: CancelToken | None) -> None:
        if signal is not None:
            self._signals.append(signal.on_cancel(self._signalled))

    def _forget_signals(self) -> None:
        for forget in self._signals:
            forget()
        self._signals.clear()

    def _make_ambient(self) -> Ambient:
        core = self._core
        outer = current()
        return replace(
            laid_over(core.options.ambient, outer),
            session_id=core.options.id,
            execution_id=self.id,
            parent_execution_id=outer.execution_id,
            inside=(*outer.inside, self.id),
            token=self._token,
            call_id=None,
            fiber=None,
        )

    def _signalled(self, error: AbortError) -> None:
        self.abort(AbortError("Execution aborted", code="ABORT_SIGNAL", reason=error.reason))

    async def _run(self) -> None:
        with entered(self._ambient):
            self._begin()
            if self.error is None:
                self._work = asyncio.create_task(self._loop())
                await self._watched(self._work)
                self._read_outcome(self._work)
            await self._unwind()

    async def _watched(self, work: "asyncio.Task[None]") -> None:
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            # The event loop is closing: an abort with that reason, written like any other.
            self.abort(AbortError("Execution aborted", reason=LOOP_CLOSES))
            self._cancel_work()
            await asyncio.wait({work})

    def _begin(self) -> None:
        core, emitter = self._core, self._core.emitter
        self._log_start = core.timeline.index_of_next()
        core.children.usage = NO_USAGE
        core.execution_token = self._token
        emitter.execution_id = self.id
        emitter.tick = 1
        emitter.buffer = self.handle.events
        emitter.ambient = replace(self._ambient, inside=(), token=None)
        core.progress(ExecutionOpened(self.id, core.clock.now()))
        emitter.publish(ExecutionStart(**emitter.stamp()))

    async def _loop(self) -> None:
        core = self._core
        try:
            await core.keeper.drain()
            core.toolbox.offer(self.input.tools)
            await core.tree.execution_start(ExecutionStarted(ctx=core.context, execution_id=self.id))
            limit = self.input.max_ticks if self.input.max_ticks is not None else core.options.max_ticks
            await self._ticks(limit)
        finally:
            self._decided()

    async def _ticks(self, limit: int) -> None:
        for number in count(1):
            self._tick_number = number
            self._tick = tick = Tick(self._core, self._tick_options(number, limit))
            outcome = await tick.run()
            self._usage = self._usage + tick.usage
            if not outcome.should_continue:
                self._stop_reason = outcome.stop_reason
                if outcome.stop_reason == "max_ticks":
                    self.resumes = False
                return

    def _decided(self) -> None:
        # From here on a send belongs to the next execution.
        self.accepts = False

    def _tick_options(self, number: int, limit: int) -> TickOptions:
        return TickOptions(
            number=number,
            execution_id=self.id,
            is_last=number >= limit,
            token=self._token,
            outputs=self._outputs,
            structural=self.input.structural,
            ends=self._decided,
        )

    def _read_outcome(self, work: "asyncio.Task[None]") -> None:
        failure = AbortError("Execution aborted", reason=CANCELLED) if work.cancelled() else work.exception()
        if self.error is not None:
            # Stopped: how the work ended does not matter any more.
            return
        self.error = failure
        if isinstance(failure, AbortError):
            self.resumes = False

    async def _unwind(self) -> None:
        core = self._core
        await self._attempt(core.children.gone(self.id))
        await self._attempt(self._keep_leftovers())
        self._finishing = True
        result = self._result() if self.error is None else None
        await self._attempt(self._tell_end(result))
        await self._attempt(core.keeper.save())
        core.emitter.execution_id = ""
        core.emitter.buffer = None
        core.emitter.ambient = Ambient()
        core.execution_token = None
        core.phase = None
        core.scheduler.tick_ended()
        core.is_aborted = False
        core.toolbox.offer(())
        self._forget_signals()
        if core.settling is not None:
            core.settling(result, self.error)
        self._settle(result)
        self._ended(self)

    async def _attempt(self, step: "Coroutine[Any, Any, None]") -> None:
        """Take one step of the end, which must be reached whatever breaks on the way."""
        try:
            await step
        except asyncio.CancelledError:
            # The event loop is closing; what has its result keeps it.
            if self.error is None and not self._finishing:
                self.error = AbortError("Execution aborted", reason=LOOP_CLOSES)
        # It is shown as the failure of the execution, unless that has a result, or has failed already.
        except Exception as error:
            if self.error is None and not self._finishing:
                self.error = error
            else:
                self._core.report_error(error, "end of the execution")

    async def _keep_leftovers(self) -> None:
        """Commit what was shown to the model, or said by it, and is not in the timeline yet."""
        drafts = [Draft(message=message, tags=("user_input",)) for message in self._core.queue.shown]
        if self._tick is not None:
            partial = self._tick.partial_text
            drafts += [self._with_reason(draft) for draft in self._tick.leftovers()]
            if isinstance(self.error, ProviderError) and partial:
                self.error.partial = partial
        await self._core.commit(drafts)

    def _with_reason(self, draft: Draft) -> Draft:
        if "interrupted" not in draft.tags:
            return draft
        reason = self.error.reason if isinstance(self.error, AbortError) else str(self.error)
        return replace(draft, metadata={"reason": reason or "aborted"})

    def _result(self) -> SendResult[OutputT]:
        core = self._core
        entries = core.timeline.log[self._log_start :]
        said = [entry.message for entry in entries if entry.message.role == "assistant"]
        return SendResult(
            response=said[-1].text if said else "",
            messages=tuple(entry.message for entry in entries),
            outputs=dict(self._outputs),
            usage=self._usage,
            usage_tree=self._usage + core.children.usage,
            stop_reason=self._stop_reason,
            tick=self._tick_number,
            raw=core.raw_output(),
        )

    async def _tell_end(self, result: SendResult[OutputT] | None) -> None:
        core, error = self._core, self.error
        aborted = isinstance(error, AbortError)
        if result is not None:
            core.emitter.publish(ResultEvent(**core.emitter.stamp(), result=result))
        ended = ExecutionEnded(
            ctx=core.context,
            execution_id=self.id,
            stop_reason=self._stop_reason,
            aborted=aborted,
            error=error,
        )
        try:
            self._work = asyncio.create_task(core.tree.execution_end(ended))
            await asyncio.wait({self._work})
        finally:
            core.progress(ExecutionClosed(self.id))
            core.current_tick = self._tick_number + 1
            new = core.timeline.log[self._log_start :]
            core.emitter.publish(
                ExecutionEnd(
                    **core.emitter.stamp(),
                    stop_reason=self._stop_reason,
                    aborted=aborted,
                    abort_reason=error.reason if isinstance(error, AbortError) else None,
                    error=event_error(error) if error is not None and not aborted else None,
                    usage=self._usage,
                    output=result.raw if result is not None else None,
                    new_timeline_entries=new,
                )
            )
        if not self._work.cancelled() and (raised := self._work.exception()) is not None:
            core.report_error(raised, "use_on_execution_end")

    def _settle(self, result: SendResult[OutputT] | None) -> None:
        try:
            self._core.options.callbacks.settled(result, self.error)
        # A callback of the host's: shown, and no reason to fail.
        except Exception as error:
            self._core.report_error(error, "lifecycle callback")
        if result is not None:
            self.handle.complete(result)
        elif self.error is not None:
            self.handle.fail(self.error, "aborted" if isinstance(self.error, AbortError) else "error")

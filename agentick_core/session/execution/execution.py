"""One execution: the ticks of one send, from execution_start to execution_end."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agentick_core.errors import AbortError, ProviderError
from agentick_core.events.orchestration import ExecutionStart, ResultEvent
from agentick_core.messages.result import SendResult
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.procedures.ambient import Ambient, current, entered, laid_over
from agentick_core.procedures.token import CancelToken
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.ending import INTERRUPTED, missing, publish_end, send_result, with_reason
from agentick_core.session.execution.handle import HandleControls, SessionExecutionHandle
from agentick_core.session.execution.input import SendInput
from agentick_core.session.execution.limits import LIMIT_REASONS, NO_LIMITS, Budget, fewest_ticks
from agentick_core.session.keeping.persisting import persist
from agentick_core.session.tick.output import WantedOutput
from agentick_core.session.tick.tick import Tick, TickOptions
from agentick_core.storage.journal import ExecutionClosed, ExecutionOpened
from agentick_core.tree.hook_events import ExecutionEnded, ExecutionStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from agentick_core.tree.element import Element

OutputT = TypeVar("OutputT")
T = TypeVar("T")
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
            abort=self.abort, queue=core.leave, answer=core.answer, tick=lambda: self._tick_number
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
        self._tick: Tick | None = None
        self._tick_number = 1
        self._timed_out = False
        self._timer: asyncio.TimerHandle | None = None
        self._output: WantedOutput | None = None
        self._finishing = False
        self._work: asyncio.Task[Any] | None = None
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
        self._core.queue.execution_begins()
        self._core.toolbox.offer(self.input.tools)
        self._task = asyncio.create_task(self._run(), name=f"execution {self.id}")

    async def unwound(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, however it ends, but no longer than this; tell whether it has."""
        if self._task is None:
            return True
        _, unended = await asyncio.wait({self._task}, timeout=seconds)
        return not unended

    def abort(self, error: AbortError) -> None:
        """Stop: the result fails now, the work as soon as it notices; what is queued waits.

        Once the result stands only the callbacks that still run are cut short.
        """
        self.resumes = False
        if self._finishing:
            self._cancel_work()
            return
        if self.error is not None:
            return
        self.error = error
        self._keep_partial(error)
        self.handle.stopped = True
        self.accepts = False
        if self._task is None:
            self._never_began()
            return
        self._core.is_aborted = True
        self.handle.reject(error, "aborted")
        self._stop_work(error)

    def _time_up(self) -> None:
        """Stop because the time is used up: no error, unless nothing was answered."""
        if self._finishing or self.error is not None:
            return
        self._timed_out = True
        self.accepts = self.resumes = False
        self._stop_work(AbortError("The time limit was reached", code="ABORT_TIMEOUT", reason="time_limit"))

    def _stop_work(self, error: AbortError) -> None:
        if self._tick is None:
            self._core.queue.take()
        self._token.stop(error)
        if self._tick is None or self._tick.interruptible:
            self._cancel_work()

    def _cancel_work(self) -> None:
        if self._work is not None and not self._work.cancelling():
            self._work.cancel()

    def _never_began(self) -> None:
        self._core.life.sends.forget(self.id)
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
        if self._timer is not None:
            self._timer.cancel()

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
            telling=None,
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
        core.execution_usage = core.children.usage = NO_USAGE
        core.execution_token = self._token
        limits = (self.input.limits or NO_LIMITS).over(core.options.limits)
        core.budget = Budget(limits, core.options.budget)
        if limits.seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(limits.seconds, self._time_up)
        if core.options.output is not None:
            self._output = WantedOutput(core.options.output)
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
            await core.life.runner.ready()
            await core.tree.execution_start(ExecutionStarted(ctx=core.context, execution_id=self.id))
            limit = fewest_ticks(self.input.max_ticks, self.input.limits)
            await self._ticks(core.options.max_ticks if limit is None else limit)
        finally:
            self._decided()

    async def _ticks(self, limit: int) -> None:
        for number in count(1):
            self._tick_number = number
            self._tick = tick = Tick(self._core, self._tick_options(number, limit))
            outcome = await tick.run()
            if not outcome.should_continue:
                self._stop_reason = outcome.stop_reason
                if outcome.stop_reason in LIMIT_REASONS:
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
            budget=self._core.budget or Budget(NO_LIMITS),
            output=self._output,
            ends=self._decided,
        )

    def _read_outcome(self, work: "asyncio.Task[None]") -> None:
        failure = AbortError("Execution aborted", reason=CANCELLED) if work.cancelled() else work.exception()
        if self.error is not None:
            # Stopped: how the work ended does not matter any more.
            return
        if self._timed_out and isinstance(failure, AbortError):
            self._stop_reason = "time_limit"
            return
        self.error = failure
        if failure is not None and self._tick is None:
            # No tick came to show what was sent: it is kept, and does not set off the next execution by itself.
            self._core.queue.take()
        if isinstance(failure, AbortError):
            self.resumes = False

    async def _unwind(self) -> None:
        core = self._core
        await self._attempt(core.children.gone(self.id))
        await self._attempt(self._keep_leftovers())
        if self.error is None:
            self.error = missing(self._new_entries, self._usage, self._stop_reason, self._output)
        self._finishing = True
        result = self._result() if self.error is None else None
        await self._attempt(self._tell_end(result))
        await self._attempt(self._persist())
        result = result if self.error is None else None
        if core.options.hooks.on_after_send is not None:
            await self._attempt(self._in_work(core.life.sends.tell(self.id, result)))
        core.emitter.execution_id = ""
        core.emitter.buffer = None
        core.emitter.ambient = Ambient()
        core.execution_token = core.budget = None
        core.phase = None
        core.scheduler.tick_ended()
        core.is_aborted = False
        core.toolbox.offer(())
        self._forget_signals()
        if core.settling is not None:
            core.settling(result, self.error, self._usage + core.children.usage)
        self._settle(result)
        self._ended(self)

    async def _persist(self) -> None:
        core = self._core
        if not core.life.guards:
            await core.keeper.save()
            return
        failure = await self._in_work(persist(core))
        if self.error is None:
            self.error = failure

    async def _in_work(self, step: "Coroutine[Any, Any, T]") -> T | None:
        """Take a step that runs the host's code: an abort cuts it short, and then it gives None."""
        self._work = work = asyncio.create_task(step)
        await asyncio.wait({work})
        return None if work.cancelled() else work.result()

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
        tick, why = self._tick, self.error or self._stop_reason
        if isinstance(self.error, ProviderError):
            self._keep_partial(self.error)
        said = () if tick is None else tick.leftovers()
        await self._core.commit([with_reason(draft, why) for draft in said])

    def _keep_partial(self, error: AbortError | ProviderError) -> None:
        """Let the error carry what the model had said by then."""
        if self._tick is not None and self._tick.partial_text:
            error.partial = self._tick.partial_text

    def _result(self) -> SendResult[OutputT]:
        return send_result(
            self._core,
            self._new_entries,
            self._usage,
            outputs=dict(self._outputs),
            output=self._output.value if self._output is not None else None,
            stop_reason=self._stop_reason,
            tick=self._tick_number,
        )

    @property
    def _usage(self) -> Usage:
        return self._core.execution_usage

    @property
    def _new_entries(self) -> tuple[TimelineEntry, ...]:
        return self._core.timeline.log[self._log_start :]

    async def _tell_end(self, result: SendResult[OutputT] | None) -> None:
        core, error = self._core, self.error
        aborted = isinstance(error, AbortError)
        stop_reason = INTERRUPTED if aborted else self._stop_reason
        if result is not None:
            core.emitter.publish(ResultEvent(**core.emitter.stamp(), result=result))
        ended = ExecutionEnded(
            ctx=core.context,
            execution_id=self.id,
            stop_reason=stop_reason,
            aborted=aborted,
            error=error,
        )
        try:
            self._work = asyncio.create_task(core.tree.execution_end(ended))
            await asyncio.wait({self._work})
            await core.added.told()
            if not self._work.cancelled() and (raised := self._work.exception()) is not None:
                core.report_error(raised, "use_on_execution_end")
        finally:
            core.progress(ExecutionClosed(self.id))
            core.current_tick = self._tick_number + 1
            publish_end(core, self._new_entries, self._usage, stop_reason, result or error)

    def _settle(self, result: SendResult[OutputT] | None) -> None:
        core, outside = self._core, replace(self._ambient, inside=(), token=None)
        # Who waits for the result goes on after the callback, which finds the handle as it has ended.
        if result is not None:
            self.handle.complete(result)
        elif self.error is not None:
            self.handle.fail(self.error, "aborted" if isinstance(self.error, AbortError) else "error")
        try:
            with entered(outside):
                core.emitter.hearing.take(core.options.callbacks.settled(result, self.error))
        # A callback of the host's: shown, and no reason to fail.
        except (Exception, asyncio.CancelledError) as error:
            self._core.report_error(error, "lifecycle callback")

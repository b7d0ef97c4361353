"""Which execution runs, and which comes after it: the one place where a send meets what is going on."""

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from agentick_core.compile.request import Structural
from agentick_core.errors import AbortError
from agentick_core.messages.message import Message
from agentick_core.procedures.ambient import Ambient, entered
from agentick_core.procedures.token import CancelToken
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.execution import Execution
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import SendInput
from agentick_core.session.execution.limits import NO_LIMITS, Budget, check_prices
from agentick_core.session.execution.settled import empty_handle, refused_handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentick_core.messages.snapshot import When
    from agentick_core.tree.element import Element

OutputT = TypeVar("OutputT")


class Runs(Generic[OutputT]):
    """The current execution of a session and the following one; at most one of each."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self.current: Execution[OutputT] | None = None
        self.following: Execution[OutputT] | None = None

    def send(self, input: SendInput) -> tuple[SessionExecutionHandle[OutputT], tuple[Message, ...]]:
        """Accept what a send brings, and give the handle of the execution that works on it."""
        core, current = self._core, self.current
        if input.props and core.recordings is not None:
            core.recordings.given(input.props)
        self._check_prices(input)
        joins = current is not None and current.accepts and input.joins
        waits = current is not None and not joins
        root = self._root(input, waits=waits)
        when: When = "next_execution" if waits else "next_tick"
        accepted = tuple(core.accept(message, when) for message in input.messages)
        if refusal := self._refusal(input.signal):
            return refused_handle(core, refusal), accepted
        if not joins and not input.starts and not len(core.queue):
            return empty_handle(core), accepted
        if not waits and root is not None:
            core.root = root
        if current is None:
            self.current = self._make(input)
            self.current.start()
            return self.current.handle, accepted
        for message in accepted:
            core.tell_queued(message, when)
        if joins:
            current.join(input.signal)
            return current.handle, accepted
        return self._follow(input, root).handle, accepted

    def interrupt(self, reason: str | None) -> bool:
        """Stop what runs, and every child; tell whether an execution ran."""
        running = self.current
        if running is not None:
            running.abort(AbortError("Execution aborted", reason=reason))
        self._core.children.interrupt(reason)
        return running is not None

    def abort_all(self, error: AbortError) -> None:
        """Stop the execution that runs, and let none follow."""
        for execution in (self.following, self.current):
            if execution is not None:
                execution.abort(error)

    def _root(self, input: SendInput, *, waits: bool) -> "Element | None":
        """Give the element that the input asks for, None where it leaves it as it is."""
        if input.root is None and not input.props:
            return None
        promised = self.following.root if waits and self.following is not None else None
        root = input.root or promised or self._core.root
        return root.replace_props(input.props) if input.props else root

    def _check_prices(self, input: SendInput) -> None:
        """Make sure that a limit on the cost can be kept, as far as the model is known yet."""
        options, model = self._core.options, self._core.models.known
        limits = (input.limits or NO_LIMITS).over(options.limits)
        if model is not None and Budget(limits, options.budget).has_cost_limit:
            check_prices((model, *options.fallback))

    def _refusal(self, signal: CancelToken | None) -> AbortError | None:
        signals = (*self._core.options.signals, signal)
        return next((each.error for each in signals if each is not None and each.error is not None), None)

    def _follow(self, input: SendInput, root: "Element | None") -> Execution[OutputT]:
        following = self.following
        if following is None:
            self.following = following = self._make(input)
            following.handle.waits_for = self.current.id if self.current is not None else None
        else:
            following.input = _both(following.input, input)
            following.join(input.signal)
        following.root = root or following.root
        return following

    def _make(self, input: SendInput) -> Execution[OutputT]:
        return Execution(self._core, input, self._ended)

    def _ended(self, execution: Execution[OutputT]) -> None:
        """Go on after an execution: with the one that was promised, or with what is queued."""
        if execution is self.following:
            # It was aborted before it began: what it brought waits, like all that is queued.
            self.following = None
            if self.current is not None:
                self.current.resumes = False
            return
        self.current, following = None, self.following
        self.following = None
        if self._core.closed:
            return
        resumes = execution.resumes and len(self._core.queue) and self._refusal(None) is None
        if following is None and resumes:
            # Nobody asked for it just now, so it has the context in which the session was made.
            with entered(Ambient()):
                following = self._make(SendInput())
        if following is not None:
            self.current = following
            following.start()
        else:
            self._core.mounting.refresh_soon()
            self._core.life.became_idle()


def _both(first: SendInput, second: SendInput) -> SendInput:
    """Lay the options of a second send over those of the first, for the execution they share."""
    return replace(
        first,
        tools=(*first.tools, *second.tools),
        max_ticks=first.max_ticks if second.max_ticks is None else second.max_ticks,
        limits=second.limits.over(first.limits or NO_LIMITS) if second.limits else first.limits,
        structural=_more(first.structural, second.structural),
    )


def _more(first: Structural, second: Structural) -> Structural:
    parts: Sequence[str] = ("system", "grounding", "sections", "ephemeral")
    return Structural(**{part: (*getattr(first, part), *getattr(second, part)) for part in parts})

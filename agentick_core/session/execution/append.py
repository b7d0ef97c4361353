"""Entries that are written to the timeline from outside, and so are nobody's turn: `append` and `observe`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import NO_METADATA, ContentLike, as_blocks
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.procedures.call import Call
from agentick_core.procedures.procedure import Procedure, Wrapping
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.calls import ExecutionCall, ExecutionProcedure
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import MessageLike, SendInput, check_options, read_message
from agentick_core.session.tick.draft import Draft
from agentick_core.tree.hook_events import EntryAppended
from agentick_core.tree.tick_state import Continue

if TYPE_CHECKING:
    from agentick_core.session.execution.runs import Runs

OutputT = TypeVar("OutputT")
_EVENT_FIELDS = frozenset(("type", "content", "metadata"))


class Append(Generic[OutputT]):
    """Writes a message to the timeline at once, in any role; no model is asked, unless with `trigger`.

    Without a trigger the call gives the entry, with one the handle of the execution that shows it to the model.
    """

    def __init__(self, core: SessionCore, runs: "Runs[OutputT]", wrapping: Wrapping) -> None:
        self._core = core
        self._runs = runs
        self._writing = Procedure(self._write, wrapping)
        self._triggering = ExecutionProcedure(self._trigger, wrapping)

    @overload
    def __call__(
        self, message: "str | MessageLike", /, *, trigger: Literal[False] = False
    ) -> Call[TimelineEntry]: ...
    @overload
    def __call__(
        self, message: "str | MessageLike", /, *, trigger: Literal[True]
    ) -> ExecutionCall[OutputT]: ...
    def __call__(
        self, message: "str | MessageLike", /, *, trigger: bool = False
    ) -> Call[TimelineEntry] | ExecutionCall[OutputT]:
        return self._triggering(message) if trigger else self._writing(message)

    async def _write(self, message: "str | MessageLike") -> TimelineEntry:
        core = self._core
        core.check_open()
        given = read_message(message)
        *_, entry = await core.commit([Draft(message=given, tags=("appended",))], aside=True)
        core.channel("messages").publish({"type": "message_appended", "payload": entry.message})
        await core.message_hooks.heard(entry.id)
        if core.closed:
            # Closing cuts the hooks short; the entry is written all the same.
            return entry
        try:
            await core.ensure_mounted()
            await core.tree.entry(EntryAppended(ctx=core.context, entry=entry))
        # It is written: where the tree cannot hear of it, that is shown, and is no reason to write it once more.
        except Exception as error:
            core.report_error(error, "render")
        return entry

    async def _trigger(self, message: "str | MessageLike") -> SessionExecutionHandle[OutputT]:
        await self._write(message)
        if self._runs.current is not None:
            # The tick that runs may not show it any more.
            self._core.verdicts.append(Continue("appended"))
        handle, _ = self._runs.send(SendInput(props=NO_METADATA))
        return handle


class Observe(Generic[OutputT]):
    """Tells the session of something that happened: an entry in the role "event", appended like any other."""

    def __init__(self, append: Append[OutputT]) -> None:
        self._append = append

    @overload
    def __call__(
        self,
        event: "str | Mapping[str, Any]",
        content: ContentLike | None = None,
        /,
        *,
        metadata: Mapping[str, Any] = NO_METADATA,
        trigger: Literal[False] = False,
    ) -> Call[TimelineEntry]: ...
    @overload
    def __call__(
        self,
        event: "str | Mapping[str, Any]",
        content: ContentLike | None = None,
        /,
        *,
        metadata: Mapping[str, Any] = NO_METADATA,
        trigger: Literal[True],
    ) -> ExecutionCall[OutputT]: ...
    def __call__(
        self,
        event: "str | Mapping[str, Any]",
        content: ContentLike | None = None,
        /,
        *,
        metadata: Mapping[str, Any] = NO_METADATA,
        trigger: bool = False,
    ) -> Call[TimelineEntry] | ExecutionCall[OutputT]:
        given = {"type": event, "content": content, "metadata": metadata} if isinstance(event, str) else event
        message = _event_message(given)
        return self._append(message, trigger=True) if trigger else self._append(message)


def _event_message(given: Mapping[str, Any]) -> Message:
    """Read an event: its type, what it says, and labels.

    Raises:
        ValidationError: it has no type, or a field that there is not.
    """
    check_options({"event": given})
    if unknown := sorted(given.keys() - _EVENT_FIELDS):
        raise ValidationError(
            f"Validation failed: {unknown[0]}: an event has no such field",
            hint="It has a type, content and metadata.",
        )
    kind, content = given["type"], given.get("content")
    blocks = as_blocks(kind if content is None else content)
    labels: dict[str, Any] = {**(given.get("metadata") or {}), "event_type": kind}
    return Message("event", blocks, metadata=labels)

"""A child session: made for one question, heard through its parent, gone when it has answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from agentick_core.errors import AbortError, AgentickError, SpawnDepthError
from agentick_core.events.orchestration import SpawnEnd, SpawnStart
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.result import SendResult
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.models.model import ChatModel
from agentick_core.procedures.ambient import current
from agentick_core.runners.runner import ExecutionRunner
from agentick_core.session.app.agent_config import AgentSource, read_agent
from agentick_core.session.app.callbacks import Callbacks
from agentick_core.session.app.host_hooks import HostHooks
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import SendInput, check_json
from agentick_core.session.execution.limits import NO_LIMITS, Limits, fewest_ticks
from agentick_core.tools.tool import Tool
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore
    from agentick_core.session.session import Session

MAX_DEPTH = 10


class SpawnKeywords(TypedDict, total=False):
    """The options of `spawn` by keyword; `SpawnOptions` says what each means."""

    tools: Sequence[Tool[..., Any]]
    model: ChatModel | str | None
    runner: ExecutionRunner | None
    max_ticks: int | None
    limits: Limits | None
    label: str | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnOptions:
    """What a child is given instead of what it would inherit."""

    tools: Sequence[Tool[..., Any]] = ()
    model: ChatModel | str | None = None
    runner: ExecutionRunner | None = None
    max_ticks: int | None = None
    limits: Limits | None = None
    label: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


def make_child(parent: "SessionCore", agent: AgentSource, given: SpawnOptions) -> "Session[Any]":
    """Make a child session: its own history, state and tree; the parent's model, app tools and limits.

    Raises:
        SpawnDepthError: where it would be too deep.
        ValidationError: where its metadata are not JSON.
    """
    from agentick_core.session.session import Session

    check_json("metadata", given.metadata, "Labels are plain data.")
    options = parent.options
    if options.depth + 1 >= MAX_DEPTH:
        raise SpawnDepthError(
            f"Maximum spawn depth ({MAX_DEPTH}) exceeded", hint="Let the child do the work itself."
        )
    read, limits = read_agent(agent), given.limits or NO_LIMITS
    named = given.model or read.model
    # The child ends with the execution, or the command, that asked for it.
    token = current().token or parent.execution_token
    child = Session[Any](
        replace(
            options,
            id=parent.clock.new_id(),
            root=read.root,
            depth=options.depth + 1,
            model=named if named is not None and not isinstance(named, str) else parent.models.for_child(),
            inherited_model=parent.models.of_tree,
            session_tools=tuple(given.tools),
            max_ticks=fewest_ticks(given.max_ticks, given.limits) or read.max_ticks or options.max_ticks,
            limits=limits.over(options.limits),
            budget=parent.budget,
            output=None,
            store=None,
            inbox=None if options.depth else options.inbox,  # that of its parent: a child has none itself
            signals=(*options.signals, token) if token is not None else options.signals,
            allow=parent.toolbox.rules.all,
            hooks=HostHooks(),
            runner=given.runner or options.runner,
            resolve=None,
            callbacks=Callbacks(on_tool_confirmation=options.callbacks.on_tool_confirmation),
            metadata=plain(given.metadata or {}),
            parent_session_id=options.id,
            unique_call_id=parent.unique_call_id,
            recording="none",
            tapes=parent.tapes,
        )
    )
    if isinstance(named, str):
        child.set_model(named)
    return child


def start_child(
    parent: "SessionCore", child: "Session[Any]", input: SendInput, label: str | None
) -> SessionExecutionHandle[Any]:
    """Let the child begin; `spawn_start` comes before everything it says, `spawn_end` after."""
    emitter, spawn_id, execution_id = parent.emitter, parent.clock.new_id(), parent.emitter.execution_id

    def forward(event: StreamEvent) -> None:
        emitter.forward(event, spawn_id)

    def settling(result: SendResult[Any] | None, error: BaseException | None, usage: Usage) -> None:
        parent.children.disown(child, usage)
        emitter.publish(
            SpawnEnd(
                **emitter.stamp(),
                spawn_id=spawn_id,
                parent_execution_id=execution_id,
                child_execution_id=handle.execution_id,
                child_session_id=child.id,
                output=result.response if result is not None else str(error),
                is_error=result is None,
                usage=result.usage if result is not None else None,
            )
        )
        if not parent.closed:
            parent.life.became_idle()

    child.life.listen(forward, settling)
    parent.children.adopt(child, execution_id)
    try:
        handle = child.begin(input)
    except AgentickError:
        # What was asked for cannot begin: whoever asked gets the error, and no child is left behind.
        parent.children.disown(child, NO_USAGE)
        raise
    emitter.publish(
        SpawnStart(
            **emitter.stamp(),
            spawn_id=spawn_id,
            parent_execution_id=execution_id,
            child_execution_id=handle.execution_id,
            child_session_id=child.id,
            component_name=child.component_name,
            label=label,
            origin_call_id=current().call_id,
        )
    )
    if not handle.execution_id:
        # It was refused; whereas one that was stopped by who has just heard of it tells its end by itself.
        settling(None, AbortError("Session aborted"), NO_USAGE)
    return handle

"""How the picture that `inspect()` gives is taken."""

from agentick_core.session.core import SessionCore
from agentick_core.session.telling.inspection import ComponentCount, HookCount, Inspection, ToolOutcome


def inspect_session(core: SessionCore, status: str) -> Inspection:
    """Take the picture of a session."""
    names = core.tree.component_names()
    hooks = core.tree.hook_counts()
    last = core.last
    model = core.models.known
    error = core.keeper.error
    return Inspection(
        id=core.options.id,
        status=status,
        current_tick=core.current_tick,
        model=(model.info.spec or model.info.id) if model is not None else core.models.spec,
        queued_messages=core.queue.messages,
        current_phase=core.phase,
        is_aborted=core.is_aborted,
        last_output=core.raw_output() if last.output is not None else None,
        last_model_output=last.model_output,
        last_tool_calls=last.tool_calls,
        last_tool_results=tuple(
            ToolOutcome(tool_use_id=result.call_id, name=result.name, success=result.success)
            for result in last.tool_results
        ),
        pending_confirmations=tuple(request.call_id for request in core.toolbox.desk.pending),
        total_usage=core.usage,
        tick_count=core.tick_count,
        components=ComponentCount(count=core.tree.component_count(), names=names),
        hooks=HookCount(count=sum(hooks.values()), by_type=hooks),
        tools={name: each.tool.options.audience for name, each in core.toolbox.registry.tools.items()},
        tokens=last.tokens(core.estimates.estimator(last.compiled.model if last.compiled else None)),
        timeline_length=len(core.timeline.entries),
        forced_stable=last.forced_stable,
        persist_error=str(error) if error is not None else None,
        state=core.state.all(),
    )

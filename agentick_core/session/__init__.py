"""The loop: app, session, execution and tick, cut by how long each lives. Names are loaded when first used."""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.session.app.app import App as App
    from agentick_core.session.execution.calls import ExecutionCall as ExecutionCall
    from agentick_core.session.execution.calls import ExecutionProcedure as ExecutionProcedure
    from agentick_core.session.execution.handle import SessionExecutionHandle as SessionExecutionHandle
    from agentick_core.session.session import Session as Session
    from agentick_core.session.telling.channel import Channel as Channel
    from agentick_core.session.telling.channel import ChannelEvent as ChannelEvent
    from agentick_core.session.telling.inspection import Inspection as Inspection
    from agentick_core.session.telling.scheduler import Reconcile as Reconcile
    from agentick_core.session.telling.scheduler import SchedulerState as SchedulerState

_HOMES = {
    "App": "agentick_core.session.app.app",
    "Channel": "agentick_core.session.telling.channel",
    "ChannelEvent": "agentick_core.session.telling.channel",
    "ExecutionCall": "agentick_core.session.execution.calls",
    "ExecutionProcedure": "agentick_core.session.execution.calls",
    "Inspection": "agentick_core.session.telling.inspection",
    "Reconcile": "agentick_core.session.telling.scheduler",
    "SchedulerState": "agentick_core.session.telling.scheduler",
    "Session": "agentick_core.session.session",
    "SessionExecutionHandle": "agentick_core.session.execution.handle",
}

__all__ = [
    "App",
    "Channel",
    "ChannelEvent",
    "ExecutionCall",
    "ExecutionProcedure",
    "Inspection",
    "Reconcile",
    "SchedulerState",
    "Session",
    "SessionExecutionHandle",
]

__getattr__ = loaded_when_used(__name__, _HOMES)

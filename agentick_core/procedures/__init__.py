"""Calls that start at once and can be wrapped: procedures, middleware, cancellation, the ambient context."""

from agentick_core.procedures.ambient import Ambient, current, entered
from agentick_core.procedures.call import Call, CallStatus
from agentick_core.procedures.middleware import Invocation, Middleware, Next
from agentick_core.procedures.procedure import Procedure, compose_procedures, create_procedure, pipe
from agentick_core.procedures.tracing import ProcedureEvent

__all__ = [
    "Ambient",
    "Call",
    "CallStatus",
    "Invocation",
    "Middleware",
    "Next",
    "Procedure",
    "ProcedureEvent",
    "compose_procedures",
    "create_procedure",
    "current",
    "entered",
    "pipe",
]

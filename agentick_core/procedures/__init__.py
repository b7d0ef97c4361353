"""Calls that start at once and can be wrapped: procedures, middleware, cancellation, the ambient context."""

from agentick_core.procedures.middleware import Invocation, Middleware, Next

__all__ = ["Invocation", "Middleware", "Next"]

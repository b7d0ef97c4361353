"""Guards: middleware that refuses calls, of tools by their names, and of any procedure by a predicate."""

from agentick_core.errors import GuardError
from agentick_core.guards.guard import create_guard, require_roles
from agentick_core.guards.guardrail import Rule, allow, deny, guardrail

__all__ = ["GuardError", "Rule", "allow", "create_guard", "deny", "guardrail", "require_roles"]

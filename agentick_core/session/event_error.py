"""An error, as events carry it."""

from agentick_core.errors import AgentickError
from agentick_core.events.orchestration import EventError


def event_error(error: BaseException) -> EventError:
    """Give an error as an event carries it."""
    if isinstance(error, AgentickError):
        return EventError(error.message, type(error).__name__, error.code, error.hint)
    return EventError(str(error) or type(error).__name__, type(error).__name__)

"""Requests in a provider's words, built once: what was shown before the call is what is sent."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from agentick_core.messages.request import ModelRequest

# Bodies that were shown and are not sent yet: one for each conversation that is about to ask.
MOST_WAITING: Final = 32


class PreparedBodies:
    """Builds bodies; one that was shown waits for its request to be sent, and is built again only for a retry."""

    def __init__(self, build: Callable[[ModelRequest], dict[str, Any]]) -> None:
        self._build = build
        self._waiting: dict[int, tuple[ModelRequest, dict[str, Any]]] = {}

    def show(self, request: ModelRequest) -> Mapping[str, Any]:
        """Give the body that will be sent for this very request."""
        body = self._build(request)
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        self._waiting[id(request)] = (request, body)
        return body

    def take(self, request: ModelRequest) -> dict[str, Any]:
        """Give the body to send."""
        waiting = self._waiting.pop(id(request), None)
        return self._build(request) if waiting is None else waiting[1]

"""From events to blocks: finds the session an event is about, and hands it to those who know its kind."""

from collections.abc import Iterable

from agentick_core.events.model import ErrorEvent
from agentick_core.events.orchestration import (
    EngineErrorEvent,
    ExecutionEnd,
    PersistFailed,
    SpawnEnd,
    SpawnStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.timeline import TimelineEntry
from agentick_tui.sanitize import shown
from agentick_tui.transcript.blocks import AgentBlock, ToolState
from agentick_tui.transcript.items import ItemList
from agentick_tui.transcript.scope import Scope
from agentick_tui.transcript.speech import SpeechEvent, apply_speech
from agentick_tui.transcript.turns import TurnEvent, apply_trouble, apply_turn, end_agent, settle_entry
from agentick_tui.transcript.work import WorkEvent, apply_work, close_calls


class Reducer:
    """Changes the blocks as events tell; an event of a sub-agent it was not told of makes its block."""

    def __init__(self, items: ItemList) -> None:
        self._items = items
        self._scopes: dict[tuple[str, ...], Scope] = {(): Scope()}

    def apply(self, event: StreamEvent) -> None:
        """Let one event change the blocks; events that show nowhere change nothing."""
        scope = self._scope(event.spawn_path)
        if isinstance(event, SpeechEvent):
            apply_speech(self._items, scope, event)
        elif isinstance(event, WorkEvent):
            apply_work(self._items, scope, event)
        elif isinstance(event, TurnEvent):
            if isinstance(event, ExecutionEnd):
                self._end_agents(event)
            apply_turn(self._items, scope, event)
        elif isinstance(event, ErrorEvent | EngineErrorEvent | PersistFailed):
            apply_trouble(self._items, scope, event)
        elif isinstance(event, SpawnStart):
            self._spawn(scope, event)
        elif isinstance(event, SpawnEnd):
            path = (*event.spawn_path, event.spawn_id)
            end_agent(
                self._items, self._scope(path), ToolState.FAILED if event.is_error else ToolState.DONE, event
            )

    def load(self, entries: Iterable[TimelineEntry]) -> None:
        """Put in the blocks of stored entries; a call without a result has an unknown outcome."""
        scope = self._scopes[()]
        for entry in entries:
            scope.begin_message()
            scope.mark = None
            settle_entry(self._items, scope, entry)
        scope.begin_message()
        close_calls(self._items, scope, ToolState.UNKNOWN)

    def _scope(self, path: tuple[str, ...]) -> Scope:
        scope = self._scopes.get(path)
        if scope is None:
            parent = self._scope(path[:-1])
            block = AgentBlock(path[-1], "agent")
            scope = self._scopes[path] = Scope(self._items.add(block, parent=parent.agent))
        return scope

    def _end_agents(self, event: ExecutionEnd) -> None:
        """End the sub-agents that were left running: none outlives the execution that asked for it."""
        depth = len(event.spawn_path)
        state = ToolState.CANCELLED if event.aborted else ToolState.UNKNOWN
        for path, scope in self._scopes.items():
            if len(path) > depth and path[:depth] == event.spawn_path:
                end_agent(self._items, scope, state)

    def _spawn(self, parent: Scope, event: SpawnStart) -> None:
        path = (*event.spawn_path, event.spawn_id)
        if path in self._scopes:
            return
        name = shown(event.label or event.component_name or "agent")
        block = AgentBlock(event.spawn_id, name, started_at=event.time)
        caller = parent.calls.get(event.origin_call_id or "")
        # Beneath the call that asked for it, so that parallel calls keep their own agents.
        item = self._items.add(block, parent=caller or parent.agent)
        self._scopes[path] = Scope(item)

"""The line of a model call that failed and is tried again: while it is, and what is left to say of it after that."""

from agentick_core.events.orchestration import ExecutionEnd, ModelRetry
from agentick_tui.sanitize import flow
from agentick_tui.transcript.blocks import NoticeBlock
from agentick_tui.transcript.items import ItemList
from agentick_tui.transcript.scope import Scope


def retried(items: ItemList, scope: Scope, event: ModelRetry) -> None:
    """Say that the call is tried again, and why: all that is tried of it shares one line."""
    scope.failed = event
    soon = f" in {event.delay_ms / 1000:.2g} s" if event.delay_ms else ""
    _say(items, scope, f"trying again{soon} (attempt {event.attempt + 1}): {flow(event.reason)}")


def answered(items: ItemList, scope: Scope) -> None:
    """Say that the call was answered in the end, and what was wrong before."""
    if scope.failed is not None:
        _say(items, scope, f"answered at attempt {scope.failed.attempt + 1}: {flow(scope.failed.reason)}")
    scope.retry = scope.failed = None


def ended(items: ItemList, scope: Scope, event: ExecutionEnd) -> None:
    """Say that nothing is tried any more."""
    failed = scope.failed
    if failed is not None and event.error is not None:
        # Why stands on the card that follows.
        _say(items, scope, f"gave up after {failed.attempt + 1} attempts")
    elif failed is not None:
        _say(items, scope, f"stopped after attempt {failed.attempt}: {flow(failed.reason)}")
    scope.retry = scope.failed = None


def _say(items: ItemList, scope: Scope, text: str) -> None:
    block = NoticeBlock(text, "warning")
    if scope.retry is None:
        scope.retry = items.add(block, parent=scope.agent)
    else:
        items.replace(scope.retry, block)

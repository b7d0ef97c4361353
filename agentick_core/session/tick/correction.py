"""What is told to a model whose answer cannot stand as it is."""

from collections.abc import Sequence
from typing import Final

from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import Message
from agentick_core.messages.tool import ToolResult
from agentick_core.models.stopping import REFUSED
from agentick_core.session.tick.asking import Answer
from agentick_core.session.tick.draft import Draft
from agentick_core.session.tick.output import WantedOutput

EMPTY: Final = "Your last answer was empty. Go on with the work, or say that it is done."
_MEANT: Final = frozenset((REFUSED, "content_filter", "max_tokens", "paused"))
_DENIALS: Final = frozenset(("TOOL_DENIED", "GUARD_DENIED"))


def correction(answer: Answer, results: Sequence[ToolResult], output: WantedOutput | None) -> Draft | None:
    """Give the entry that tells the model what is wrong with its answer; None where nothing is.

    An empty answer is one that says nothing and asks for nothing, unless the provider tells why.
    """
    told: str | None = None
    if answer.stop_reason in _MEANT and not answer.calls:
        return None
    if output is not None:
        told = output.read(answer, results)
    elif not answer.message.content:
        told = EMPTY
    return Draft(message=Message("event", (TextBlock(told),)), tags=("correction",)) if told else None


def refusal(answer: Answer, results: Sequence[ToolResult]) -> str | None:
    """Give the stop reason of an execution that ends with this answer because something was refused.

    The model declines to answer, or every call that it asked for was refused and nobody goes on.
    """
    failures = [result.failure for result in results if result.failure is not None]
    denied = bool(results) and len(failures) == len(results) and {f.error_type for f in failures} <= _DENIALS
    return REFUSED if answer.stop_reason == REFUSED or denied else None

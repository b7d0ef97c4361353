"""How much of a request a provider's cache can take from the one before: what stands first and did not change."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import Message
from agentick_core.messages.request import CONTEXT_MARK, ModelRequest


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request, in the order in which providers cache: tools, system texts, messages."""

    name: str
    content: object
    lasting: bool = True


def prefix_length(before: ModelRequest, after: ModelRequest) -> int:
    """Count the parts that both begin with: tools in order, then system texts, then messages."""
    length = 0
    for old, new in zip(_parts(before), _parts(after), strict=False):
        if old.content != new.content:
            break
        length += 1
    return length


def assert_prefix_kept(requests: Sequence[ModelRequest]) -> None:
    """Make sure that each request goes on where the one before ended.

    What is shown for one call only, "[Context]" messages, may change as long as it stands at the end.

    Raises:
        AssertionError: a part moved or changed; it says which, and in which request. Or there are fewer than two
            requests, so that nothing could be seen.
    """
    if len(requests) < 2:
        raise AssertionError(f"Two requests or more are needed to compare them, not {len(requests)}")
    for number, (before, after) in enumerate(pairwise(requests), 2):
        lasting = list(_parts(before))
        while lasting and not lasting[-1].lasting:
            lasting.pop()
        kept = prefix_length(before, after)
        if kept < len(lasting):
            moved, now = lasting[kept], list(_parts(after))
            instead = repr(now[kept].content) if kept < len(now) else "nothing"
            raise AssertionError(
                f"Request {number} does not keep what request {number - 1} began with: {moved.name} was "
                f"{moved.content!r} and is {instead}"
            )


def _parts(request: ModelRequest) -> Iterator[Part]:
    for tool in request.tools:
        schema = json.dumps(dict(tool.input_schema), sort_keys=False, default=str)
        yield Part(f'the tool "{tool.name}"', (tool.name, tool.description, schema))
    for number, text in enumerate(request.system, 1):
        yield Part(f"system text {number}", text)
    for number, message in enumerate(request.messages, 1):
        yield Part(f"message {number}", (message.role, message.content), lasting=not _is_passing(message))


def _is_passing(message: Message) -> bool:
    match message.content:
        case (TextBlock(text=text), *_):
            return message.role == "user" and text.startswith(CONTEXT_MARK)
        case _:
            return False

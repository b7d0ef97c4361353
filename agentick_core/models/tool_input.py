"""The input of a tool call, read from the text a model wrote, and the id of the call."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from agentick_core.errors import WireError
from agentick_core.models.surrogates import is_whole, mended
from agentick_core.wire.values import is_object, plain

UniqueId: TypeAlias = Callable[[str], str]


def unique_among(taken: set[str]) -> UniqueId:
    """Make a function that gives each id a form that is not in `taken`, and adds it there."""
    numbers: dict[str, int] = {}

    def unique(wanted: str) -> str:
        wanted = found = wanted or "call"
        while found in taken:
            numbers[wanted] = numbers.get(wanted, 1) + 1
            found = f"{wanted}-{numbers[wanted]}"
        taken.add(found)
        return found

    return unique


def parse_input(text: str) -> Mapping[str, Any]:
    """Read the JSON text of a tool call's input: nothing is `{}`, what is no JSON object is `{"raw": text}`.

    Python reads more than JSON, such as NaN; what could not be stored is no JSON here.
    """
    if not text.strip():
        return {}
    try:
        value = plain(json.loads(text))
    except (ValueError, RecursionError, WireError):
        return {"raw": mended(text)}
    if not is_object(value):
        return {"raw": mended(text)}
    if "\\u" in text or not is_whole(text):
        # Half a surrogate pair is legal in JSON, and nothing after us could store it.
        value = json.loads(mended(json.dumps(value, ensure_ascii=False)))
    return value

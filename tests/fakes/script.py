"""What a fake provider answers, said once for every protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

Ending: TypeAlias = Literal["complete", "unclosed", "drop", "error", "hang"]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that the fake makes; `pieces` is how many deltas its arguments come in."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id: str = ""
    pieces: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a fake provider.

    With status 200 it streams reasoning, text and calls, `pace` seconds between two events, and ends as
    `ending` says: complete, without its closing event, with a dropped connection, with an error event, or not
    at all (until the client leaves). Another status is answered with an error body. `body` is sent as it is.
    """

    text: Sequence[str] = ()
    reasoning: Sequence[str] = ()
    calls: Sequence[Call] = ()
    usage: tuple[int, int] | None = (10, 5)
    cached: int = 0
    stop: str | None = None
    pace: float = 0.0
    ending: Ending = "complete"
    status: int = 200
    message: str = "The fake was told to fail."
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str | None = None


def refusal(status: int, message: str = "The fake was told to fail.", **options: Any) -> Answer:
    """Make an answer that is an error."""
    return Answer(status=status, message=message, **options)


def answer_from_json(value: Mapping[str, Any] | str) -> Answer:
    """Read an answer: a text, or an object with the fields of Answer."""
    if isinstance(value, str):
        return Answer(text=words(value))
    fields = dict(value)
    fields["calls"] = [Call(**cast("dict[str, Any]", call)) for call in fields.get("calls", ())]
    for name in ("text", "reasoning"):
        if isinstance(fields.get(name), str):
            fields[name] = words(fields[name])
    if fields.get("usage") is not None:
        fields["usage"] = tuple(fields["usage"])
    return Answer(**fields)


def words(text: str) -> list[str]:
    """Cut a text into words with their spaces, as models stream them."""
    found = text.split(" ")
    return [word + " " for word in found[:-1]] + found[-1:]


def cut(text: str, pieces: int) -> list[str]:
    """Cut a text into about that many pieces."""
    size = max(1, -(-len(text) // max(1, pieces)))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]

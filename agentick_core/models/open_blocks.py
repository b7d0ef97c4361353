"""The parts of an answer that are not complete yet."""

from dataclasses import dataclass, field
from typing import Any

from agentick_core.models.surrogates import is_whole, mended


@dataclass(slots=True)
class OpenBlock:
    """Text or reasoning that is still growing; `held` is half a surrogate pair whose other half is to come."""

    index: int
    started_at: float
    parts: list[str] = field(default_factory=list[str])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    held: str = ""

    def take(self, text: str) -> str:
        """Give what of the text can be shown: half a surrogate pair waits for its other half."""
        if self.held:
            text, self.held = self.held + text, ""
        if not is_whole(text):
            if "\ud800" <= text[-1] <= "\udbff":
                text, self.held = text[:-1], text[-1]
            text = mended(text)
        if text:
            self.parts.append(text)
        return text


@dataclass(slots=True)
class OpenCall:
    """A tool call whose input is still growing."""

    index: int
    started_at: float
    call_id: str
    provider_id: str
    name: str
    parts: list[str] = field(default_factory=list[str])

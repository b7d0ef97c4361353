"""What a docstring says of a function: its description, and what each parameter is."""

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_PARAMETERS: Final = frozenset(("args", "arguments", "parameters", "params"))
_OTHERS: Final = frozenset(("returns", "return", "yields", "yield", "raises"))
_ENTRY: Final = re.compile(r"[-*`\s]*(?P<name>\w+)[*`]*(?:\s*\([^)]*\))?[*`]*\s*:\s*(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """The description, without the sections, and the descriptions of the parameters by name."""

    description: str
    parameters: Mapping[str, str]


def parse_docstring(text: str | None) -> Docstring:
    """Read a docstring with an "Args:" section, as Google's style has it."""
    lines = inspect.cleandoc(text or "").splitlines()
    description: list[str] = []
    parameters: list[str] = []
    target: list[str] | None = description
    for line in lines:
        section = line.rstrip().removesuffix(":").lower() if line.rstrip().endswith(":") else ""
        if section in _PARAMETERS:
            target = parameters
        elif section in _OTHERS:
            target = None
        elif line and not line[0].isspace() and target is not description:
            # A line at the margin ends a section: what follows belongs to the description again.
            target = description
            description.append(line)
        elif target is not None:
            target.append(line)
    return Docstring("\n".join(_squeezed(description)).strip(), _entries(parameters))


def _squeezed(lines: Iterable[str]) -> Iterable[str]:
    before = ""
    for line in lines:
        if line.strip() or before.strip():
            yield line.rstrip()
        before = line


def _entries(lines: Iterable[str]) -> dict[str, str]:
    entries: dict[str, str] = {}
    name, margin = "", -1
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        match = _ENTRY.fullmatch(text)
        if match and (margin < 0 or indent <= margin):
            name, margin = match["name"], indent
            entries[name] = match["text"]
        elif text and name:
            entries[name] = f"{entries[name]} {text}".strip()
    return entries

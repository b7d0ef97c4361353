"""Which folders the user trusts: only their own settings, commands and agents are loaded."""

import json
from pathlib import Path
from typing import cast

from agentick_tui.paths import Places, write_private


def trust_of(folder: Path, places: Places) -> bool | None:
    """Tell whether the user has said that they trust this very folder; None where they were not asked."""
    return _answers(places).get(str(folder.resolve()))


def remember_trust(folder: Path, places: Places, *, trusted: bool) -> None:
    """Keep the answer, by the folder's resolved path."""
    answers = {**_answers(places), str(folder.resolve()): trusted}
    write_private(places.trusted, json.dumps(answers, indent=2, sort_keys=True) + "\n")


def _answers(places: Places) -> dict[str, bool]:
    """Give the answers; what cannot be read is none."""
    try:
        stored: object = json.loads(places.trusted.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    known = cast("dict[str, object]", stored)
    return {folder: answer for folder, answer in known.items() if isinstance(answer, bool)}

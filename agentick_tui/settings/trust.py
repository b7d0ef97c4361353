"""Which folders the user trusts: only their own settings, commands and agents are loaded."""

import json
from pathlib import Path
from typing import cast

from agentick_tui.paths import Places, write_private


def is_trusted(folder: Path, places: Places) -> bool:
    """Tell whether the user has trusted this very folder."""
    return str(folder.resolve()) in _trusted(places)


def trust(folder: Path, places: Places) -> None:
    """Remember that the folder is trusted, by its resolved path."""
    folders = _trusted(places) | {str(folder.resolve())}
    write_private(places.trusted, json.dumps(sorted(folders), indent=2) + "\n")


def _trusted(places: Places) -> frozenset[str]:
    """Give the trusted folders; what cannot be read trusts nothing."""
    try:
        stored: object = json.loads(places.trusted.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    if not isinstance(stored, list):
        return frozenset()
    return frozenset(str(item) for item in cast("list[object]", stored))

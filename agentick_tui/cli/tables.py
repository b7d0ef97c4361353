"""Rows of text for stdout: aligned columns for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence

from agentick_tui.sanitize import shown
from agentick_tui.streams import write_out


def write_json(value: object) -> None:
    """Write the value as JSON; all that is not ASCII is escaped, so that no control character leaves."""
    write_out(json.dumps(value, indent=2) + "\n")


def write_rows(rows: Sequence[Sequence[str]]) -> None:
    """Write the rows as columns; control characters in them are made visible."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        write_out("  ".join(padded).rstrip() + "\n")


def write_listing(rows: Sequence[Mapping[str, object]], *, as_json: bool, nothing: str) -> None:
    """Write one row for each mapping, or say that there is nothing."""
    if as_json:
        write_json(list(rows))
    elif rows:
        write_rows([[str(value) for value in row.values()] for row in rows])
    else:
        write_out(nothing + "\n")

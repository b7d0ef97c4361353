"""Any plain value as lines, field by field: what the panel's tabs are made of."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, cast

from textual.content import Content

from agentick_tui.sanitize import shown

LONGEST = 400
MOST = 200
WIDEST = 24
SHORT = 44
DEEPEST = 6
# Seconds since 1970 that a date can still be made of.
LATEST = 200_000_000_000


def field_lines(value: object, depth: int = 0) -> Iterator[Content]:
    """Write a value's fields, one a line, what is nested indented below its name."""
    items = list(_items(value))
    width = min(WIDEST, max((len(name) for name, _ in items), default=0))
    for name, item in items[:MOST]:
        yield from _field(f"{'  ' * depth}{shown(name).ljust(width)}", item, depth)
    if len(items) > MOST:
        yield Content.styled(f"{'  ' * depth}… {len(items) - MOST} more", "$text-muted")


def _field(name: str, item: object, depth: int) -> Iterator[Content]:
    label = (name, "$text-muted")
    if _is_time(name.strip()) and isinstance(item, int | float):
        yield Content.assemble(label, "  ", _moment(item))
        return
    parts = list(_items(item)) if _is_nested(item) and depth < DEEPEST else []
    if not parts:
        yield Content.assemble(label, "  ", _scalar(item))
        return
    records = _records(item)
    if records:
        yield Content.assemble(label, (f"  {len(parts)}", "$foreground"))
        yield from _table(records, "  " * depth)
        return
    row = _in_a_row(parts)
    if row.cell_length <= SHORT and not any(_is_nested(part) and part for _, part in parts):
        yield Content.assemble(label, "  ", row)
        return
    yield Content.assemble(label, (f"  {_size(item)}", "$text-muted"))
    yield from field_lines(item, depth + 1)


def _records(value: object) -> list[dict[str, object]]:
    """Give a sequence of values that have the same plain fields, the newest first where they tell their time."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return []
    rows = [dict(_items(one)) for one in cast("Sequence[object]", value) if _is_named(one)]
    if len(rows) != len(cast("Sequence[object]", value)) or not rows or not rows[0]:
        return []
    if any(row.keys() != rows[0].keys() or any(map(_is_nested, row.values())) for row in rows):
        return []
    return rows[::-1] if any(map(_is_time, rows[0])) else rows


def _is_named(value: object) -> bool:
    return is_dataclass(value) or isinstance(value, Mapping)


def _table(rows: Sequence[Mapping[str, object]], indent: str) -> Iterator[Content]:
    """Write records beneath each other, times first and texts last, each column as wide as it must be."""
    names = sorted(rows[0], key=lambda name: (not _is_time(name), isinstance(rows[0][name], str)))
    cells = [
        [_moment(row[name]) if _is_time(name) else _scalar(row[name]) for name in names]
        for row in rows[:MOST]
    ]
    head = [(shown(name), "$text-muted") for name in names]
    widths = [max(len(line[at][0]) for line in [head, *cells]) for at in range(len(names))]
    for line in [head, *cells]:
        row = [(text.ljust(width + 2), style) for (text, style), width in zip(line, widths, strict=True)]
        yield Content.assemble(indent, *row).rstrip()
    if len(rows) > MOST:
        yield Content.styled(f"{indent}… {len(rows) - MOST} more", "$text-muted")


def _is_time(name: str) -> bool:
    return name in ("at", "timestamp") or name.endswith("_at")


def _moment(value: object) -> tuple[str, str]:
    """Write seconds since 1970 as the time of day, to the millisecond."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < LATEST:
        return _scalar(value)
    at = datetime.fromtimestamp(value, UTC).astimezone()
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03}", "$foreground"


def _in_a_row(parts: Sequence[tuple[str, object]]) -> Content:
    """Write a few plain values one after the other, with their names where they have any."""
    named = [
        _scalar(part)
        if name.startswith("[")
        else Content.assemble((f"{name} ", "$text-muted"), _scalar(part))
        for name, part in parts[:MOST]
    ]
    pieces = [Content.assemble(piece) if isinstance(piece, tuple) else piece for piece in named]
    return Content.styled(" · ", "$text-muted").join(pieces)


def _is_nested(value: object) -> bool:
    if is_dataclass(value):
        return True
    return isinstance(value, Mapping | Sequence | Set) and not isinstance(value, str | bytes)


def _items(value: object) -> Iterator[tuple[str, Any]]:
    """Give a value's parts: fields, keys, or positions from the newest on as they stand."""
    if is_dataclass(value):
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, Mapping):
        mapping = cast("Mapping[Any, Any]", value)
        yield from ((str(key), item) for key, item in mapping.items())
    elif isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
        yield from ((f"[{at}]", item) for at, item in enumerate(cast("Sequence[Any]", value)))


def _size(value: object) -> str:
    return type(value).__name__ if is_dataclass(value) else str(len(cast("Sequence[Any]", value)))


def _scalar(value: object) -> tuple[str, str]:
    match value:
        case None:
            return "none", "$text-muted"
        case True:
            return "yes", "$text-success"
        case False:
            return "no", "$text-muted"
        case "":
            return "(empty)", "$text-muted"
        case str():
            return shown(_short(value)), "$foreground"
        case float():
            return f"{value:.3f}".rstrip("0").rstrip("."), "$foreground"
        case int():
            return str(value), "$foreground"
        case _:
            empty = _is_nested(value)
            return ("(none)", "$text-muted") if empty else (shown(_short(repr(value))), "$foreground")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… {len(text) - LONGEST} more characters"

"""Journal records as rows: a kind and a JSON body. Entries have rows of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.journal import EntriesCommitted, ExecutionRecord, JournalRecord, SessionRecord
from agentick_core.wire.entries import CONVERSATION
from agentick_core.wire.shape import Shapes
from agentick_core.wire.values import dumps, loads, wrong


@dataclass(frozen=True, slots=True)
class _Committed:
    """`EntriesCommitted` without the entries: how many of the rows that follow are its own."""

    count: int
    taken: tuple[str, ...] = ()
    aside: bool = False


_SHAPES = Shapes(CONVERSATION)
_KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (*get_args(SessionRecord), *get_args(ExecutionRecord))
}


def record_to_row(record: JournalRecord) -> tuple[str, str]:
    """Write a record as its kind and its body; of entries only how many there are."""
    if isinstance(record, EntriesCommitted):
        body = _SHAPES.of(_Committed).encode(_Committed(len(record.entries), record.taken, record.aside))
    else:
        body = _SHAPES.of(type(record)).encode(record)
    return type(record).__name__, dumps(body)


def record_from_row(kind: str, body: str, entries: Iterator[TimelineEntry]) -> JournalRecord:
    """Read a record; its entries are the next of those given."""
    if kind == EntriesCommitted.__name__:
        committed: _Committed = _SHAPES.of(_Committed).decode(loads(body))
        own = tuple(islice(entries, committed.count))
        if len(own) < committed.count:
            raise wrong(f"{committed.count} entries were committed, {len(own)} are there")
        return EntriesCommitted(own, committed.taken, committed.aside)
    if kind not in _KINDS:
        raise wrong(f"there is no journal record {kind!r}")
    return _SHAPES.of(_KINDS[kind]).decode(loads(body))

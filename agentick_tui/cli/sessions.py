"""`agentick sessions`: what is stored."""

from datetime import UTC, datetime

from agentick_core.storage.store import SessionSummary
from agentick_tui.cli.flags import Flags
from agentick_tui.cli.start import find_start
from agentick_tui.cli.tables import write_listing
from agentick_tui.engine.find_session import session_name
from agentick_tui.engine.list_sessions import list_stored
from agentick_tui.engine.options import WORKSPACE

NAME_LENGTH = 50


def show_sessions(flags: Flags, *, as_json: bool) -> None:
    """List the stored sessions, the last used first."""
    start = find_start(flags)
    summaries = list_stored(start.database, None, named=True)
    rows = [_for_programs(summary) if as_json else _for_people(summary) for summary in summaries]
    write_listing(rows, as_json=as_json, nothing="There are no sessions yet. `agentick` begins one.")


def _for_programs(summary: SessionSummary) -> dict[str, object]:
    return {
        "id": summary.session_id,
        "name": session_name(summary),
        "workspace": summary.metadata.get(WORKSPACE),
        "entries": summary.entries,
        "createdAt": _moment(summary.created_at).isoformat(),
        "updatedAt": _moment(summary.updated_at).isoformat(),
        "forkedFrom": None if summary.forked_from is None else summary.forked_from.session_id,
    }


def _for_people(summary: SessionSummary) -> dict[str, object]:
    return {
        "id": summary.session_id,
        "updated": f"{_moment(summary.updated_at).astimezone():%Y-%m-%d %H:%M}",
        "entries": f"{summary.entries} {'entry' if summary.entries == 1 else 'entries'}",
        "name": session_name(summary)[:NAME_LENGTH],
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

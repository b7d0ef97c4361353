"""Which stored session is meant: by id, by the beginning of an id, by name, or the last of a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import ListingStore, SessionSummary
from agentick_tui.engine.chat_tables import ChatTables
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.options import TITLE, WORKSPACE

LISTED = 5


def session_name(summary: SessionSummary) -> str:
    """Give the session's name: its title, else the first line that the user said."""
    title = summary.metadata.get(TITLE)
    if isinstance(title, str) and title:
        return title
    return next((line.strip() for line in summary.preview.splitlines() if line.strip()), "")


async def stored_sessions(store: object) -> tuple[SessionSummary, ...]:
    """List the sessions, the last used first, children of others left out; a store that cannot list has none."""
    if not isinstance(store, ListingStore):
        return ()
    titles: Mapping[str, str] = (
        await ChatTables(store.database).titles() if isinstance(store, SqliteStore) else {}
    )
    return tuple(
        replace(summary, metadata={**summary.metadata, TITLE: titles.get(summary.session_id, "")})
        for summary in await store.list()
        if summary.parent_session_id is None
    )


def named_session(summaries: Sequence[SessionSummary], reference: str) -> str:
    """Give the id of the one session meant; none, or more than one, is a `UsageError` that lists the nearest."""
    wanted = reference.strip()
    ways: tuple[Callable[[SessionSummary], bool], ...] = (
        lambda summary: summary.session_id == wanted,
        lambda summary: summary.session_id.startswith(wanted),
        lambda summary: session_name(summary).casefold() == wanted.casefold(),
        lambda summary: session_name(summary).casefold().startswith(wanted.casefold()),
    )
    for is_meant in ways if wanted else ():
        found = [summary for summary in summaries if is_meant(summary)]
        if len(found) == 1:
            return found[0].session_id
        if found:
            raise UsageError(f"More than one session is meant by {reference!r}.", hint=_listed(found))
    raise UsageError(f"Unknown session: {reference!r}.", hint=_listed(_nearest(summaries, wanted)))


def last_session(summaries: Sequence[SessionSummary], workspace: Path) -> str:
    """Give the id of the session of the folder that was used last."""
    for summary in summaries:
        if summary.metadata.get(WORKSPACE) == str(workspace):
            return summary.session_id
    raise UsageError(f"There is no session of {workspace} yet.", hint="Run `agentick` to begin one.")


def _nearest(summaries: Sequence[SessionSummary], wanted: str) -> Sequence[SessionSummary]:
    """Give the sessions whose id or name is like what was asked for, else the last ones."""
    texts = {
        text: summary for summary in summaries for text in (summary.session_id, session_name(summary)) if text
    }
    close = get_close_matches(wanted, texts, n=LISTED, cutoff=0.5)
    return list({texts[text].session_id: texts[text] for text in close}.values()) or summaries[:LISTED]


def _listed(summaries: Sequence[SessionSummary]) -> str:
    if not summaries:
        return "There are no stored sessions yet."
    lines = (f"{summary.session_id}  {session_name(summary)[:60]}".rstrip() for summary in summaries[:LISTED])
    return "Nearest:\n  " + "\n  ".join(lines)

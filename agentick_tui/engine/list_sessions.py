"""The stored sessions, listed without the rest of the engine: what `--resume` looks at before the screen opens."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from agentick_core.storage.choose import store_from
from agentick_core.storage.store import ClosingStore, SessionStore, SessionSummary
from agentick_tui.engine.find_session import stored_sessions

if TYPE_CHECKING:
    from agentick_tui.engine.load_app import LoadedApp


def list_stored(database: Path, loaded: "LoadedApp | None", *, named: bool) -> tuple[SessionSummary, ...]:
    """List the stored sessions of the database, or of a loaded app's own store unless the database was named."""
    store = _own_store(loaded) if loaded is not None and not named else None
    if store is None and database.exists():
        store = store_from(database)
    return () if store is None else asyncio.run(_list(store))


def _own_store(loaded: "LoadedApp") -> SessionStore | None:
    from agentick_core.session.app.app import App

    own = loaded.agent.options.store if isinstance(loaded.agent, App) else None
    return None if own is None else store_from(own)


async def _list(store: SessionStore) -> tuple[SessionSummary, ...]:
    try:
        return await stored_sessions(store)
    finally:
        if isinstance(store, ClosingStore):
            await store.aclose()

"""`agentick`: check what was asked for, then open the screen."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agentick_tui.cli.flags import Flags
from agentick_tui.cli.start import Start, find_start, load_agent
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.options import ChatOptions
from agentick_tui.paths import find_places, make_private_file
from agentick_tui.settings.layers import PROJECT_FILE
from agentick_tui.settings.model_choice import choose_model
from agentick_tui.streams import err_is_terminal, in_is_terminal

if TYPE_CHECKING:
    from agentick_tui.engine.load_app import LoadedApp

# A typed key is on the screen after half of one 120th of a second, and Esc waits no longer than a sequence takes.
KEY_FRAMES = "120"
ESCAPE_MILLISECONDS = "25"


def open_chat(flags: Flags) -> int:
    """Open the chat and give its exit code; arguments and ids are checked first, then the terminal."""
    _ask_for_trust()
    start = find_start(flags)
    model = choose_model(start.settings)
    theme = _theme(start)
    loaded = load_agent(flags)
    session_id = _session_id(flags, start, loaded)
    if not (in_is_terminal() and err_is_terminal()):
        raise UsageError(
            "The chat needs a terminal for stdin and stderr.",
            hint='Without one, use `agentick run "..."`, or pipe the message into `agentick run`.',
        )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "A terminal with TERM=dumb can only write one line below the other.",
            hint="Use `agentick run` there, or set TERM to what the terminal is, such as xterm-256color.",
        )
    make_private_file(start.database)
    # Textual reads these once, when it is imported.
    os.environ.setdefault("TEXTUAL_FPS", KEY_FRAMES)
    os.environ.setdefault("ESCDELAY", ESCAPE_MILLISECONDS)
    from agentick_tui.run_chat import run_chat

    return run_chat(
        ChatOptions(
            model=model,
            database=start.database,
            database_named=start.database_named,
            workspace=start.workspace.resolve(),
            results=start.places.results,
            session_id=session_id,
            loaded=loaded,
            theme=theme,
            themes=start.places.themes,
            log=start.places.log if flags.debug else None,
            notices=start.loaded.notices,
        )
    )


def _ask_for_trust() -> None:
    """Ask whether this folder is trusted, where there is something to trust and somebody to ask."""
    if (Path.cwd() / PROJECT_FILE).is_file() and in_is_terminal() and err_is_terminal():
        from agentick_tui.cli.trust_question import ask_for_trust

        ask_for_trust(Path.cwd(), find_places())


def _theme(start: Start) -> str | None:
    """Check that the theme can be read, where one is named."""
    name = start.settings.theme.value
    if name is not None:
        from agentick_tui.theme import load_theme

        load_theme(name, start.places.themes)
    return name


def _session_id(flags: Flags, start: Start, loaded: "LoadedApp | None") -> str | None:
    """Find the stored session that is to be resumed."""
    if flags.resume is None and not flags.go_on:
        return None
    if flags.resume is not None and flags.go_on:
        raise UsageError("--resume and --continue exclude each other.", hint="Use one of them.")
    from agentick_tui.engine.find_session import last_session, named_session
    from agentick_tui.engine.list_sessions import list_stored

    summaries = list_stored(start.database, loaded, named=start.database_named)
    if flags.resume is not None:
        return named_session(summaries, flags.resume)
    return last_session(summaries, start.workspace.resolve())

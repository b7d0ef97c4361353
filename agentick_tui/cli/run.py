"""`agentick run`: check what was asked for, read the prompt, and send it."""

from dataclasses import dataclass
from typing import cast, get_args

from agentick_core.errors import AgentickError
from agentick_tui.cli.flags import Flags
from agentick_tui.cli.start import find_start, load_agent
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.run_options import Approve, RunOptions
from agentick_tui.paths import make_private_file
from agentick_tui.sanitize import shown
from agentick_tui.settings.model_choice import choose_model
from agentick_tui.streams import in_has_text, read_in, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `agentick run` was asked for, unchecked."""

    prompt: str | None = None
    session: str | None = None
    json: bool = False
    approve: str = "never"
    max_ticks: int | None = None
    timeout: float | None = None


def run_prompt(request: Request, flags: Flags) -> int:
    """Check everything, read the prompt, send it, and give the exit code."""
    try:
        options = prepare(request, flags)
    except AgentickError as error:
        if request.json:
            from agentick_tui.engine.run_output import failed_before_start

            failed_before_start(error)
        raise
    from agentick_tui.engine.run import run_once

    return run_once(options)


def prepare(request: Request, flags: Flags) -> RunOptions:
    """Check what was asked for, and only then read stdin."""
    approve = check(request)
    start = find_start(flags)
    for notice in start.loaded.notices:
        say(f"· {shown(notice)}")
    model = choose_model(start.settings)
    loaded = load_agent(flags)
    prompt = read_prompt(request.prompt)
    make_private_file(start.database)
    return RunOptions(
        prompt=prompt,
        model=model,
        database=start.database,
        database_named=start.database_named,
        workspace=start.workspace.resolve(),
        results=start.places.results,
        session_id=request.session,
        loaded=loaded,
        json=request.json,
        approve=approve,
        max_ticks=request.max_ticks,
        timeout=request.timeout,
        log=start.places.log if flags.debug else None,
    )


def check(request: Request) -> Approve:
    """Give the checked `--approve`; raise `UsageError` for any value that makes no sense."""
    if request.approve not in get_args(Approve):
        raise UsageError(f"--approve is never, reads or all, not {request.approve!r}.")
    if request.max_ticks is not None and request.max_ticks < 1:
        raise UsageError("--max-ticks must be at least 1.")
    if request.timeout is not None and not 0 < request.timeout < float("inf"):
        raise UsageError("--timeout must be more than 0 seconds.")
    if request.session is not None and not request.session.strip():
        raise UsageError("--session needs an id.", hint="Any text does; a new id makes a new session.")
    return cast("Approve", request.approve)


def read_prompt(given: str | None) -> str:
    """Give the prompt: as it was given, or from stdin where that is a pipe or was asked for with `-`."""
    if given is not None and given != "-":
        text = given
    elif given == "-" or in_has_text():
        piped = read_in()
        if piped is None:
            raise UsageError("stdin is closed.", hint='Give the prompt: agentick run "..."')
        text = piped
    else:
        raise UsageError(
            "There is no prompt.", hint='Give one: agentick run "...", or pipe it into agentick run.'
        )
    if not text.strip():
        raise UsageError("The prompt is empty.", hint='Give one: agentick run "..."')
    return text

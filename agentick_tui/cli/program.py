"""The commands and their flags, as Typer shows them; each command's work is elsewhere, imported when it is run."""

from typing import Annotated

import typer

from agentick_tui.cli.flags import Flags
from agentick_tui.cli.plain_values import PlainCommand, PlainGroup

Model = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", metavar="SPEC", help="offline, openai:NAME or anthropic:NAME [AGENTICK_MODEL]."
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="The provider's endpoint [OPENAI_BASE_URL, ANTHROPIC_BASE_URL]."
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--app",
        metavar="TARGET",
        help="The agent: path/to/file.py:name or package.module:name; the name is app.",
    ),
]
Database = Annotated[
    str | None, typer.Option("--db", metavar="PATH", help="The file of the sessions [AGENTICK_DB].")
]
Debug = Annotated[bool, typer.Option("--debug", help="Write the details of a failure to the log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

PROGRAM = typer.Typer(
    name="agentick",
    cls=PlainGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Talk to an AI agent in your terminal. Without a command the chat opens.",
)
SESSIONS = typer.Typer(
    cls=PlainGroup, rich_markup_mode=None, no_args_is_help=True, help="What has been said."
)
PROGRAM.add_typer(SESSIONS, name="sessions")


def run_program(arguments: list[str]) -> int:
    """Run the command line; Typer leaves by `SystemExit`."""
    PROGRAM(args=arguments, prog_name="agentick")
    return 0


@PROGRAM.callback(invoke_without_command=True)
def chat(
    context: typer.Context,
    *,
    resume: Annotated[
        str | None,
        typer.Option("--resume", "-r", metavar="ID", help="Go on with a session: id, prefix or name."),
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last session of this folder.")
    ] = False,
    target: Target = None,
    model: Model = None,
    base_url: BaseUrl = None,
    theme: Annotated[
        str | None, typer.Option("--theme", metavar="NAME", help="The colours; `agentick themes` lists them.")
    ] = None,
    database: Database = None,
    debug: Debug = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Talk to an AI agent in your terminal. Without a command the chat opens."""
    if version:
        from agentick_tui.cli.listings import show_version

        raise typer.Exit(show_version())
    flags = Flags(
        model=model,
        base_url=base_url,
        target=target,
        database=database,
        theme=theme,
        resume=resume,
        go_on=go_on,
        debug=debug,
    )
    context.obj = flags
    if context.invoked_subcommand is not None:
        _refuse_chat_flags(flags, context.invoked_subcommand)
        return
    from agentick_tui.cli.chat import open_chat

    raise typer.Exit(open_chat(flags))


@PROGRAM.command(cls=PlainCommand)
def run(
    context: typer.Context,
    *,
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="What to say; - reads stdin, as does a pipe.")
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="ID", help="The stored session of that id, or a new one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one event per line.")] = False,
    max_ticks: Annotated[
        int | None, typer.Option("--max-ticks", metavar="N", help="Stop after that many model calls.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help="Stop after that long.")
    ] = None,
    approve: Annotated[
        str, typer.Option("--approve", metavar="never|reads|all", help="Tools that ask: which may run.")
    ] = "never",
    target: Target = None,
    model: Model = None,
    base_url: BaseUrl = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """Send one message without a screen: the answer on stdout, the progress on stderr."""
    from agentick_tui.cli.run import Request, run_prompt

    mine = Flags(model=model, base_url=base_url, target=target, database=database, debug=debug)
    asked = Request(
        prompt=prompt, session=session, json=as_json, approve=approve, max_ticks=max_ticks, timeout=timeout
    )
    raise typer.Exit(run_prompt(asked, _inherited(context).under(mine)))


@SESSIONS.command("list", cls=PlainCommand)
def list_sessions(context: typer.Context, *, as_json: AsJson = False, database: Database = None) -> None:
    """List the stored sessions, the last used first."""
    from agentick_tui.cli.sessions import show_sessions

    show_sessions(_inherited(context).under(Flags(database=database)), as_json=as_json)


@PROGRAM.command(cls=PlainCommand)
def models(context: typer.Context, *, as_json: AsJson = False, model: Model = None) -> None:
    """List the models that can be named, and say which one answers and why."""
    from agentick_tui.cli.listings import show_models

    show_models(_inherited(context).under(Flags(model=model)), as_json=as_json)


@PROGRAM.command(cls=PlainCommand)
def themes(*, as_json: AsJson = False) -> None:
    """List the themes."""
    from agentick_tui.cli.listings import show_themes

    show_themes(as_json=as_json)


def _inherited(context: typer.Context) -> Flags:
    """Give the flags that were written before the command."""
    found: object = context.find_object(Flags)
    return found if isinstance(found, Flags) else Flags()


def _refuse_chat_flags(flags: Flags, command: str) -> None:
    for given, flag in ((flags.resume, "--resume"), (flags.go_on, "--continue"), (flags.theme, "--theme")):
        if given:
            raise typer.BadParameter(f"{flag} opens the chat; it does not go with {command}.")

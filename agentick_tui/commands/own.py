"""The application's own commands as tools: each asks the port, and answers with text."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_core.errors import AgentickError, ToolError
from agentick_tui.commands import help_text
from agentick_tui.commands.port import CommandPort, ModelLine, SessionLine
from agentick_tui.commands.table import OWN_COMMANDS

if TYPE_CHECKING:
    from agentick_core.tools.tool import Tool

Answer: TypeAlias = Callable[[CommandPort, str], Awaitable[str]]


def own_tools(port: CommandPort) -> "tuple[Tool[..., Any], ...]":
    """Make the tools of the commands. None is a tool of the session: each is dispatched itself, not by its name, so
    that nothing of the agent's can take its place or be hidden by it."""
    from agentick_core.tools.tool import create_tool

    return tuple(
        create_tool(
            name=command.tool,
            description=command.summary,
            input=command.schema,
            handler=_running(port, _ANSWERS[command.name]),
            audience="user",
            effects=(),
        )
        for command in OWN_COMMANDS
    )


def _running(port: CommandPort, answer: Answer) -> Callable[[Mapping[str, str]], Awaitable[str]]:
    async def run(input: Mapping[str, str]) -> str:
        # Each of these commands takes one argument at most.
        argument = next(iter(input.values()), "").strip()
        try:
            return await answer(port, argument)
        except AgentickError as error:
            if not error.hint:
                raise
            # Of a tool's failure only the message reaches the screen: what to do next goes with it.
            raise ToolError(f"{error.message}\n{error.hint}", code=error.code) from error

    return run


async def _help(port: CommandPort, name: str) -> str:
    definitions = await port.definitions()
    return help_text.one(name.removeprefix("/"), definitions) if name else help_text.everything(definitions)


async def _new(port: CommandPort, title: str) -> str:
    port.new_session(title)
    # Whether there will be one is seen when it is there.
    return ""


async def _clear(port: CommandPort, _: str) -> str:
    port.clear_view()
    return ""


async def _sessions(port: CommandPort, _: str) -> str:
    lines = await port.sessions()
    return "\n".join(map(_session, lines)) if lines else "No session is stored yet."


def _session(line: SessionLine) -> str:
    mark = "*" if line.current else " "
    parts = (
        line.id,
        line.title or "(no title)",
        f"{line.messages} message{'s' if line.messages > 1 else ''}" if line.messages else "",
        line.when,
    )
    return f"{mark} " + "  ".join(part for part in parts if part)


async def _resume(port: CommandPort, session: str) -> str:
    line = await port.resume(session)
    return f"Resuming {line.id}" + (f', "{line.title}".' if line.title else ".")


async def _fork(port: CommandPort, title: str) -> str:
    line = await port.fork(title)
    return f"Going on in {line.id}" + (f', "{line.title}".' if line.title else ".")


async def _model(port: CommandPort, spec: str) -> str:
    if spec:
        return _model_line(await port.set_model(spec), "The model is now")
    return _model_line(port.model(), "The model is")


def _model_line(model: ModelLine, begin: str) -> str:
    why = f" ({model.why})" if model.why else ""
    return "\n".join((f"{begin} {model.spec}{why}.", *(f"  {spec}" for spec in model.known)))


async def _tools(port: CommandPort, _: str) -> str:
    return help_text.tools(await port.definitions())


async def _theme(port: CommandPort, name: str) -> str:
    if name:
        port.set_theme(name)
        return f"The theme is now {name}."
    current, names = port.theme()
    return "\n".join(f"{'*' if each == current else ' '} {each}" for each in names)


async def _steer(port: CommandPort, text: str) -> str:
    if await port.steer(text):
        return "Steered: the next tick reads it."
    return "Nothing is queued. Give a text: /steer TEXT"


async def _queue(port: CommandPort, _: str) -> str:
    steered = (f"Steered, for the next tick: {text}" for text in port.steered())
    queued = (f"{number}. {text}" for number, text in enumerate(port.queued(), 1))
    return "\n".join((*steered, *queued)) or "Nothing is queued."


async def _rename(port: CommandPort, title: str) -> str:
    await port.rename(title)
    return f'This session is now called "{title}".'


async def _copy(port: CommandPort, _: str) -> str:
    return port.copy_answer() or "There is no answer to copy yet."


async def _exit(port: CommandPort, _: str) -> str:
    port.leave()
    return ""


_ANSWERS: Mapping[str, Answer] = {
    "help": _help,
    "new": _new,
    "clear": _clear,
    "sessions": _sessions,
    "resume": _resume,
    "fork": _fork,
    "model": _model,
    "tools": _tools,
    "theme": _theme,
    "steer": _steer,
    "queue": _queue,
    "rename": _rename,
    "copy": _copy,
    "exit": _exit,
}

"""What /help and /tools answer, made from the tools' definitions and the table of keys."""

from collections.abc import Iterable, Iterator, Sequence

from agentick_core.messages.tool import ToolDefinition
from agentick_tui.commands.resolve import Known, candidates, first_line, resolve
from agentick_tui.commands.schema import Parameter, parameters_of, usage_of
from agentick_tui.keymap import key_help


def everything(definitions: Sequence[ToolDefinition]) -> str:
    """List every command and every key."""
    commands = [
        (f"/{' '.join(filter(None, (one.name, one.usage)))}", _with_aliases(one.description, one.aliases))
        for one in candidates(definitions)
    ]
    return "\n".join(
        (
            "Commands",
            *_columns(commands),
            "",
            *_keys(),
            "Arguments come in order or as key=value; /help NAME explains one command.",
            "A line that begins with // or a blank is text, not a command.",
        )
    )


def one(name: str, definitions: Sequence[ToolDefinition]) -> str:
    """Explain one command and each of its arguments."""
    found = resolve(name, definitions)
    if not isinstance(found, Known):
        return found.message
    description, aliases = _about(found, definitions)
    arguments = [(parameter.name, _argument(parameter)) for parameter in parameters_of(found.schema)]
    lines = [
        f"/{' '.join(filter(None, (found.name, usage_of(found.schema))))}",
        _with_aliases(description, aliases),
    ]
    return "\n".join((*lines, *(("", *_columns(arguments)) if arguments else ())))


def _argument(parameter: Parameter) -> str:
    wanted = parameter.expects if parameter.required else f"{parameter.expects}, optional"
    return f"{wanted}: {parameter.description}" if parameter.description else wanted


def tools(definitions: Sequence[ToolDefinition]) -> str:
    """List the agent's tools: who may call them, and what they do."""
    rows = [
        (tool.name, f"[{_AUDIENCE[tool.audience]}] {first_line(tool.description)}")
        for tool in sorted(definitions, key=lambda tool: tool.name)
    ]
    return "\n".join(_columns(rows)) if rows else "This agent has no tools."


def _keys() -> Iterator[str]:
    width = max(len(keys) for rows in key_help().values() for keys, _ in rows)
    for when, rows in key_help().items():
        yield from (when, *_columns(rows, width), "")


_AUDIENCE = {"model": "model", "user": "you", "all": "model and you"}


def _about(found: Known, definitions: Iterable[ToolDefinition]) -> tuple[str, tuple[str, ...]]:
    if found.own is not None:
        return found.own.summary, found.own.aliases
    for tool in definitions:
        if tool.name == found.tool:
            return tool.description, tool.aliases
    return "", ()


def _with_aliases(text: str, aliases: Sequence[str]) -> str:
    return f"{text} (also {', '.join(f'/{alias}' for alias in aliases)})" if aliases else text


def _columns(rows: Iterable[tuple[str, str]], width: int = 0) -> list[str]:
    listed = list(rows)
    width = width or min(28, max((len(left) for left, _ in listed), default=0))
    return [f"  {left.ljust(width)}  {right}".rstrip() for left, right in listed]

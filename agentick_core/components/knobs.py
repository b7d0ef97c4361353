"""Showing the knobs to the model, and letting it set them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from agentick_core.components.structure import Section
from agentick_core.hooks.knob import KNOBS_CONTEXT, KnobAccess, KnobValue, use_knobs, use_knobs_context
from agentick_core.hooks.memo import use_memo
from agentick_core.tools.tool import Tool, create_tool
from agentick_core.tree.element import component
from agentick_core.tree.knobs import Knob, Primitive, show_value
from agentick_core.tree.node import Child, Nodes

SET_KNOB = "set_knob"
INTRODUCTION = "Settings that you can change with the tool set_knob:"
INLINE = (
    "Shortened content stands in <collapsed> tags; "
    "set the knob or the group that it names to true to see all of it."
)

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "The knob to set; give this or group."},
        "group": {"type": "string", "description": "The group whose knobs are all set; give this or name."},
        "value": {
            "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}],
            "description": "The new value.",
        },
    },
    "required": ["value"],
    "additionalProperties": False,
}


@component
def Knobs(*, render: Callable[[Sequence[KnobValue[Any]]], Nodes] | None = None) -> Nodes:
    """List the knobs of the whole tree at the end of the context, with the tool that sets them.

    Where there are no knobs, this is nothing. `render` shows them in another way.
    """
    access = use_knobs()
    set_knob = use_memo(lambda: make_set_knob(access), (access,))
    knobs = access.listed()
    if not knobs:
        return
    yield set_knob
    if render is not None:
        yield render(knobs)
        return
    yield Section(knobs_text(access), id="knobs", position="end")


@component
def KnobsProvider(*children: Child) -> Nodes:
    """Give the model the tool that sets knobs, and leave it to the children how they are shown.

    `KnobControls` shows them, or any component with `use_knobs_context`. Where there are no knobs there is no
    tool.
    """
    access = use_knobs()
    set_knob = use_memo(lambda: make_set_knob(access), (access,))
    if access.listed():
        yield set_knob
    yield KNOBS_CONTEXT.provide(access, *children)


@component
def KnobControls(
    *,
    render_knob: Callable[[KnobValue[Any]], Child] | None = None,
    render_group: Callable[[str, Sequence[KnobValue[Any]]], Child] | None = None,
) -> Nodes:
    """Show the knobs inside a `KnobsProvider`: each as `render_knob` says, a whole group as `render_group` does.

    Without either this is the section that `Knobs` shows.
    """
    access = use_knobs_context()
    knobs = access.listed()
    if render_knob is None and render_group is None:
        if knobs:
            yield Section(knobs_text(access), id="knobs", position="end")
        return
    for group, members in access.grouped().items():
        if group is not None and render_group is not None:
            yield render_group(group, members)
        else:
            yield [render_knob(each) if render_knob is not None else knob_line(each) for each in members]


def knobs_text(access: KnobAccess) -> str:
    """Write the list of knobs: those without a group first, inline ones left out."""
    groups = access.grouped()
    lines = [INTRODUCTION] if groups else []
    for group, members in groups.items():
        if group is not None:
            lines += ["", f"### {group}"]
        lines += [knob_line(each) for each in members]
    if any(each.knob.inline for each in access.listed()):
        lines.append(INLINE)
    return "\n".join(lines)


def make_set_knob(access: KnobAccess) -> Tool[..., Any]:
    """Make the tool with which the model sets the knobs."""

    async def set_knob(input: dict[str, Any]) -> str:
        return answer(access, input.get("name"), input.get("group"), input.get("value"))

    return create_tool(
        name=SET_KNOB,
        description="Change a setting, or all settings of a group.",
        input=_SCHEMA,
        handler=set_knob,
        effects=(),
    )


def answer(access: KnobAccess, name: str | None, group: str | None, value: Primitive | None) -> str:
    """Set what the model wants to set, all of it or nothing, and say what came of it."""
    if (name is None) == (group is None):
        return "Give either name or group."
    known = access.known
    if name is not None:
        if name not in known:
            return f'There is no knob "{name}". Knobs: {_names(known)}.'
        chosen = {name: known[name]}
    else:
        chosen = {each: knob for each, knob in known.items() if knob.group == group}
        if not chosen:
            groups = dict.fromkeys(knob.group for knob in known.values() if knob.group is not None)
            return f'There is no group "{group}". Groups: {_names(groups)}.'
        if len({knob.value_type for knob in chosen.values()}) > 1:
            return f'The knobs of the group "{group}" have different types; set them one by one.'
    return _set_all(access, chosen, value)


def _set_all(access: KnobAccess, chosen: dict[str, Knob[Any]], value: Primitive | None) -> str:
    problems = [f'"{name}": {problem}' for name, knob in chosen.items() if (problem := knob.problem(value))]
    if problems:
        return f"Invalid value for {'; '.join(problems)}. Nothing was changed."
    for name in chosen:
        access.set(name, value)
    return f"Set {', '.join(chosen)} to {show_value(value)}."


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def knob_line(each: KnobValue[Any]) -> str:
    """Write a knob as the model reads it: its name, type, value, description and what it may be set to."""
    knob = each.knob
    kind = f"momentary {knob.kind}" if knob.momentary else knob.kind
    line = f"{each.name} [{kind}]: {show_value(each.value)}"
    if knob.description:
        line += f" — {knob.description}"
    hints = [hint for hint in _hints(knob) if hint]
    return f"{line} ({', '.join(hints)})" if hints else line


def _hints(knob: Knob[Any]) -> Iterable[str | None]:
    if knob.options:
        yield "options: " + " | ".join(show_value(option) for option in knob.options)
    match knob.min, knob.max:
        case None, None:
            yield None
        case low, None:
            yield f"at least {show_value(low)}"
        case None, high:
            yield f"at most {show_value(high)}"
        case low, high:
            yield f"{show_value(low)} to {show_value(high)}"
    yield f"step {show_value(knob.step)}" if knob.step is not None else None
    yield f"at most {knob.max_length} characters" if knob.max_length is not None else None
    yield f"pattern: {knob.pattern}" if knob.pattern is not None else None
    yield "required" if knob.required else None
    yield "resets after use" if knob.momentary else None

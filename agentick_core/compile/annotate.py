"""How many tokens each part of a compiled tree takes, by estimate, and which component they come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.tokens import (
    PER_ITEM,
    TextEstimator,
    estimate_message,
    estimate_text,
    estimate_tool,
)
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.tool import ToolDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeTokens:
    """Estimated tokens: of each system text, message and ephemeral in the order of the tree, of each section by
    its id and of each tool by its name.

    `by_component` sums them up by the name of the component that added them; what came from none, such as a tool
    of the app, has the name "". `total` leaves the tools out.
    """

    system: tuple[int, ...] = ()
    sections: Mapping[str, int] = field(default_factory=no_metadata)
    messages: tuple[int, ...] = ()
    ephemeral: tuple[int, ...] = ()
    tools: Mapping[str, int] = field(default_factory=no_metadata)
    by_component: Mapping[str, int] = field(default_factory=no_metadata)
    total: int = 0
    estimated: bool = True


def annotate(
    compiled: CompiledTree,
    tools: Sequence[ToolDefinition] = (),
    *,
    estimator: TextEstimator = estimate_text,
) -> TreeTokens:
    """Estimate the parts of a compiled tree; `tools` are the definitions of those that the model is offered."""
    owners = compiled.owners
    system = tuple(estimator(text) + PER_ITEM for text in compiled.system)
    sections = {section.id: estimator(section.text) + PER_ITEM for section in compiled.sections}
    messages = tuple(estimate_message(message, estimator) for message in compiled.messages)
    ephemeral = tuple(estimate_message(each.message, estimator) for each in compiled.ephemeral)
    sizes = {definition.name: estimate_tool(definition, estimator) for definition in tools}
    by_component: dict[str, int] = {}
    _add(by_component, owners.system, system)
    _add(by_component, (owners.sections.get(id, "") for id in sections), sections.values())
    _add(by_component, owners.messages, messages)
    _add(by_component, owners.ephemeral, ephemeral)
    named = zip(compiled.tools, owners.tools, strict=False)
    owner_of_tool = {each.tool.name: owner for each, owner in named}
    _add(by_component, (owner_of_tool.get(name, "") for name in sizes), sizes.values())
    return TreeTokens(
        system=system,
        sections=sections,
        messages=messages,
        ephemeral=ephemeral,
        tools=sizes,
        by_component=by_component,
        total=sum(system) + sum(sections.values()) + sum(messages) + sum(ephemeral),
    )


def _add(sums: dict[str, int], owners: Iterable[str], sizes: Iterable[int]) -> None:
    for owner, size in zip_longest(owners, sizes):
        if size is not None:
            name = owner or ""
            sums[name] = sums.get(name, 0) + size

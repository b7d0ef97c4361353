"""An agent written down as data instead of a component: what it may say, and the component that it becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict, cast

from agentick_core.components.knobs import Knobs
from agentick_core.components.structure import Section, System
from agentick_core.components.timeline import Timeline
from agentick_core.errors import ValidationError
from agentick_core.hooks.knob import use_knob
from agentick_core.models.model import ChatModel
from agentick_core.session.execution.input import check_options
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import AgentLike, Element, as_element, component
from agentick_core.tree.knobs import Knob, Primitive
from agentick_core.tree.node import Nodes


class AgentConfig(TypedDict, total=False):
    """An agent as data: `spawn({"system": "Be brief.", "tools": [search]})`.

    `sections` are texts by their ids; `knobs` are by name what `use_knob` takes as its default; `model` is a model or
    its spec, and `max_ticks` the most ticks of an execution. The conversation is always shown.
    """

    system: str | Sequence[str]
    model: ChatModel | str
    tools: Sequence[Tool[..., Any]]
    knobs: Mapping[str, Knob[Any] | Primitive]
    sections: Mapping[str, str | Section]
    max_ticks: int


AgentSource: TypeAlias = AgentLike | AgentConfig
"""Whatever an agent may be given as."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, read: what is rendered, and what it says of its model and its ticks itself."""

    root: Element
    model: ChatModel | str | None = None
    max_ticks: int | None = None

    def opened_model(
        self, open_model: Callable[[str], ChatModel], opened: list[ChatModel]
    ) -> ChatModel | None:
        """Give the model that it names, if any; one that had to be opened is added to those that are to be closed."""
        if not isinstance(self.model, str):
            return self.model
        opened.append(model := open_model(self.model))
        return model


def read_agent(source: AgentSource, model: ChatModel | str | None = None) -> Agent:
    """Read an agent in any of its forms; `model` goes before the one that it names itself.

    Raises:
        PropsError: a prop without a default is missing.
        ValidationError: the config has a key that there is not, or a value that is not what it has to be.
    """
    if not isinstance(source, Mapping):
        return Agent(as_element(source), model)
    unknown = sorted(str(key) for key in source if key not in AgentConfig.__annotations__)
    if unknown:
        raise ValidationError(
            f"An agent config has no {unknown[0]!r}",
            hint=f"Known are: {', '.join(sorted(AgentConfig.__annotations__))}.",
        )
    check_options({name: source.get(name) for name in ("model", "tools", "max_ticks")})
    for name, (fits, told) in _FORMS.items():
        if name in source and not fits(source[name]):
            raise ValidationError(f"An agent config has {told} as {name!r}, not {source[name]!r}")
    return Agent(ConfiguredAgent(source), model or source.get("model"), source.get("max_ticks"))


def _is_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and all(isinstance(each, str) for each in cast("Sequence[Any]", value))


def _is_by_name(value: Any) -> bool:
    return isinstance(value, Mapping)


_FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "system": (_is_texts, "text, or a list of texts,"),
    "knobs": (_is_by_name, "a mapping of knobs by their names"),
    "sections": (_is_by_name, "a mapping of texts by their ids"),
}


@component
def ConfiguredAgent(config: AgentConfig) -> Nodes:
    """Show what an agent config says."""
    knobs = config.get("knobs", {})
    for name, default in knobs.items():
        use_knob(name, cast("Any", default))
    system = config.get("system", ())
    for text in (system,) if isinstance(system, str) else system:
        yield System(text)
    yield config.get("tools", ())
    for id, given in config.get("sections", {}).items():
        yield given if isinstance(given, Section) else Section(given, id=id)
    if knobs:
        yield Knobs()
    yield Timeline()

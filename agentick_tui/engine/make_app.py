"""The app that answers: the built-in agent or the loaded one, with the model and the store that were chosen."""

from typing import TYPE_CHECKING, Any

from agentick_core.components.model import Model
from agentick_core.models.catalog import parse_spec
from agentick_core.models.model import ChatModel
from agentick_core.models.resolve import model_from_spec
from agentick_core.session.app.app import App
from agentick_core.session.app.create import create_app
from agentick_core.tree.element import AgentLike, Element, as_element, component
from agentick_core.tree.node import Nodes
from agentick_tui.engine.agent import built_in_agent

if TYPE_CHECKING:
    from agentick_tui.engine.options import ChatOptions, ModelChoice
    from agentick_tui.engine.run_options import RunOptions


def make_app(options: "ChatOptions | RunOptions") -> App[Any]:
    """Make the app; an app that was loaded keeps what was not asked for by flag: its model, its store, all else."""
    choice = options.model
    base = (
        create_app(built_in_agent(choice.spec)) if options.loaded is None else _as_app(options.loaded.agent)
    )
    changes: dict[str, Any] = {}
    if choice.base_url is not None:
        changes["open_model"] = _Opener(choice)
    if options.database_named or base.options.store is None:
        changes["store"] = options.database
    if base.options.overflow is None:
        changes["overflow"] = options.results
    if choice.fixed or options.loaded is None:
        changes["model"] = chosen_model(choice)
    elif base.options.model is None:
        changes["agent"] = WithDefault(base.options.agent, chosen_model(choice))
    return base.replace(**changes)


def chosen_model(choice: "ModelChoice") -> ChatModel:
    """Make the model that was chosen."""
    return model_from_spec(choice.spec, base_url=choice.base_url)


@component
def WithDefault(agent: Element, model: ChatModel) -> Nodes:
    """The agent, with a model that its own tree goes over."""
    yield Model(model)
    yield agent


class _Opener:
    """Makes the models that sessions have stored, the chosen provider's at the chosen endpoint."""

    def __init__(self, choice: "ModelChoice") -> None:
        self._provider = parse_spec(choice.spec).provider
        self._base_url = choice.base_url

    def __call__(self, spec: str) -> ChatModel:
        same = parse_spec(spec).provider == self._provider
        return model_from_spec(spec, base_url=self._base_url if same else None)


def _as_app(agent: "App[Any] | AgentLike") -> App[Any]:
    return agent if isinstance(agent, App) else create_app(as_element(agent))

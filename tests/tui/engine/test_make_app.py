"""The app that answers: what was loaded keeps its own, flags go over it, defaults go under it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentick_core.components.model import Model
from agentick_core.components.structure import System
from agentick_core.components.timeline import Timeline
from agentick_core.models.openai import OpenAIModel
from agentick_core.session.app.app import App
from agentick_core.session.app.create import create_app
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes
from agentick_tui.engine.list_sessions import list_stored
from agentick_tui.engine.load_app import LoadedApp
from agentick_tui.engine.make_app import make_app
from agentick_tui.engine.options import ModelChoice
from agentick_tui.engine.run_options import RunOptions

DEFAULT = ModelChoice(spec="offline", why="no key is set")
FLAG = ModelChoice(spec="openai:gpt-5", why="set by --model", fixed=True, base_url="http://127.0.0.1:1")


@component
def Plain() -> Nodes:
    yield System("Talk.")
    yield Timeline()


@component
def WithModel(model: Any) -> Nodes:
    yield Model(model)
    yield Timeline()


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    return RunOptions(prompt="hi", model=DEFAULT, database=tmp_path / "sessions.db", workspace=tmp_path)


def loaded(agent: Any) -> LoadedApp:
    """Give an agent as `--app` gives it."""
    return LoadedApp("agent.py:app", agent)


async def answer_of(app: App[Any]) -> str:
    """Send something and give the answer."""
    async with app:
        session = await app.session("s")
        return (await session.send("hi").result).response


async def test_the_built_in_agent_answers_with_the_default(options: RunOptions) -> None:
    assert "agentick" in await answer_of(make_app(options))


async def test_an_app_keeps_its_own_model_and_store(options: RunOptions) -> None:
    store = MemoryStore()
    own = create_app(Plain, model=ScriptedModel("my own"), store=store)
    app = make_app(replace(options, loaded=loaded(own)))
    assert app.options.store is store
    assert await answer_of(app) == "my own"


async def test_a_flag_goes_over_the_model_of_an_app(options: RunOptions) -> None:
    own = create_app(Plain, model=ScriptedModel())
    app = make_app(replace(options, loaded=loaded(own), model=FLAG))
    assert isinstance(app.options.model, OpenAIModel)
    assert app.options.model.info.spec == "openai:gpt-5"


async def test_a_named_database_goes_over_the_store_of_an_app(options: RunOptions) -> None:
    own = create_app(Plain, store=MemoryStore())
    assert (
        make_app(replace(options, loaded=loaded(own), database_named=True)).options.store == options.database
    )


async def test_an_app_without_a_store_is_stored_in_ours(options: RunOptions) -> None:
    assert make_app(replace(options, loaded=loaded(Plain))).options.store == options.database


async def test_a_model_in_the_tree_goes_over_the_default(options: RunOptions) -> None:
    tree = WithModel(ScriptedModel("from the tree"))
    assert await answer_of(make_app(replace(options, loaded=loaded(tree)))) == "from the tree"


async def test_a_component_without_a_model_answers_with_the_default(options: RunOptions) -> None:
    assert "agentick" in await answer_of(make_app(replace(options, loaded=loaded(Plain))))


async def test_a_stored_model_of_the_same_provider_is_opened_at_the_chosen_endpoint(
    options: RunOptions,
) -> None:
    opened = make_app(replace(options, model=FLAG)).options.open_model("openai:gpt-5-mini")
    assert opened.info.spec == "openai:gpt-5-mini"


def test_sessions_of_an_app_are_those_of_its_own_store(options: RunOptions, tmp_path: Path) -> None:
    own = create_app(Plain, store=str(tmp_path / "own.db"))
    assert list_stored(options.database, loaded(own), named=False) == ()
    assert list_stored(options.database, None, named=True) == ()
    assert not options.database.exists()

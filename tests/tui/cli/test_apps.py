"""`--app`: what is found is taken, what is not is explained."""

from pathlib import Path

import pytest

from agentick_core.tree.element import Component
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.load_app import load_app, split_target

AGENT = """
from agentick_core.tree.element import component
@component
def app():
    yield "hello"
@component
def Other():
    yield "hello"
number = 3
"""


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("agent.py", ("agent.py", "app")),
        ("some/agent.py:Bee", ("some/agent.py", "Bee")),
        ("package.module:bees", ("package.module", "bees")),
        ("package.module", ("package.module", "app")),
        ("/with:colon/agent.py", ("/with:colon/agent.py", "app")),
    ],
)
def test_a_target_is_a_place_and_a_name(target: str, parts: tuple[str, str]) -> None:
    assert split_target(target) == parts


@pytest.mark.parametrize("target", ["", ":app", "agent.py:", "agent.py:not a name"])
def test_a_target_that_names_nothing_is_refused(target: str) -> None:
    with pytest.raises(UsageError, match="names no agent"):
        split_target(target)


def test_a_file_gives_its_component(tmp_path: Path) -> None:
    (tmp_path / "agent_one.py").write_text(AGENT)
    assert isinstance(load_app(str(tmp_path / "agent_one.py")).agent, Component)


def test_a_module_beside_the_start_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agent_two.py").write_text(AGENT)
    monkeypatch.chdir(tmp_path)
    assert isinstance(load_app("agent_two:Other").agent, Component)


@pytest.mark.parametrize(
    ("source", "name", "says"),
    [
        (AGENT, "Bee", "has no 'Bee'"),
        (AGENT, "number", "number is a int"),
        ("1 / 0", "app", "ZeroDivisionError"),
        ("def (", "app", "SyntaxError"),
        ("raise SystemExit(0)", "app", "leaves while it is imported"),
        ("import no_such_module_at_all", "app", "no_such_module_at_all"),
    ],
)
def test_what_goes_wrong_is_explained(tmp_path: Path, source: str, name: str, says: str) -> None:
    (tmp_path / "agent_three.py").write_text(source)
    with pytest.raises(UsageError) as caught:
        load_app(f"{tmp_path / 'agent_three.py'}:{name}")
    assert says in caught.value.message
    assert caught.value.hint


def test_the_agents_that_there_are_are_named(tmp_path: Path) -> None:
    (tmp_path / "agent_four.py").write_text(AGENT)
    with pytest.raises(UsageError) as caught:
        load_app(f"{tmp_path / 'agent_four.py'}:Bee")
    assert "Other, app" in caught.value.hint


@pytest.mark.parametrize("target", ["nowhere.py", "no.such.module", "no_such_module:app"])
def test_a_place_that_is_not_there_is_named(target: str) -> None:
    with pytest.raises(UsageError, match=r"there is no (file|module)"):
        load_app(target)

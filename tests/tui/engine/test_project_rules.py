"""Approvals that hold for a project: for one agent in one folder, in the chat and in `agentick run`."""

import asyncio
import sys
from pathlib import Path

import pytest

from agentick_core.session.app.create import create_app
from agentick_core.storage.database import Database
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.confirm import AllowRule, ConfirmationRequest
from agentick_tui.engine.exit_codes import ExitCode
from agentick_tui.engine.load_app import LoadedApp, load_app
from agentick_tui.engine.options import ModelChoice
from agentick_tui.engine.project_rules import BUILT_IN, ProjectRules, agent_of
from agentick_tui.engine.run import run_once
from agentick_tui.engine.run_options import RunOptions
from tests.tui.chatting import Agent

PAY = ConfirmationRequest(call_id="1", name="pay", input={"amount": 5})


def paying(target: str, **options: object) -> LoadedApp:
    """Give an app that pays at once, as if it had been loaded from there."""
    model = ScriptedModel(call("pay", amount=5, to="Ann"), "Paid.")
    return LoadedApp(target, create_app(Agent, model=model, **options))  # pyright: ignore[reportArgumentType]  # whatever a test wants


async def approved(database: Database, workspace: Path, agent: str) -> bool:
    """Tell whether a stored rule approves the payment."""
    return await ProjectRules(database, workspace, agent).decide(PAY) is not None


async def test_a_rule_belongs_to_one_agent_in_one_folder(tmp_path: Path) -> None:
    database = Database(tmp_path / "sessions.db")
    try:
        await ProjectRules(database, tmp_path, "one.py:app").add(AllowRule("pay"))
        assert await approved(database, tmp_path, "one.py:app")
        assert not await approved(database, tmp_path, "other.py:app")
        assert not await approved(database, tmp_path, BUILT_IN)
        assert not await approved(database, tmp_path.parent, "one.py:app")
    finally:
        await database.aclose()


def test_an_agent_is_its_file_and_its_name_whichever_way_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "garden_agent.py"
    file.write_text(
        "from agentick_core.tree.element import component\n@component\ndef app():\n    yield ()\n"
    )
    (tmp_path / "link.py").symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    targets = ("garden_agent.py", "./garden_agent.py:app", f"{file}:app", "link.py", "garden_agent:app")
    try:
        assert {agent_of(load_app(target)) for target in targets} == {f"{file.resolve()}:app"}
    finally:
        for name in ("garden_agent", "link"):
            sys.modules.pop(name, None)
    assert agent_of(paying("garden_agent.py:other")) == f"{file.resolve()}:other"
    assert agent_of(None) == BUILT_IN


@pytest.mark.parametrize("own_store", [False, True])
def test_a_run_obeys_the_rules_of_its_agent_wherever_the_app_keeps_its_sessions(
    tmp_path: Path, own_store: bool
) -> None:
    database = tmp_path / "sessions.db"

    async def allow() -> None:
        held = Database(database)
        await ProjectRules(held, tmp_path, agent_of(paying("one.py:app"))).add(AllowRule("pay"))
        await held.aclose()

    def run(target: str) -> int:
        return run_once(
            RunOptions(
                prompt="Pay",
                model=ModelChoice(spec="offline", why="no key is set"),
                database=database,
                workspace=tmp_path,
                loaded=paying(target, **({"store": MemoryStore()} if own_store else {})),
            )
        )

    assert run("one.py:app") == ExitCode.REFUSED
    asyncio.run(allow())
    assert run("one.py:app") == ExitCode.DONE
    assert run("other.py:app") == ExitCode.REFUSED

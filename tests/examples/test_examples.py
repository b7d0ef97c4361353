"""Each example does what its first lines say, run as a reader would run it."""

import ast
import asyncio
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.fakes.script import Answer
from tests.fakes.server import FakeProvider
from tests.offline import run_offline
from tests.source_files import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PROGRAM = "from agentick_tui.cli import main; main()"


def run(folder: Path, name: str, *arguments: str, typed: str = "") -> str:
    """Run an example in an empty folder; give what it prints."""
    return run_offline(ROOT / "examples" / f"{name}.py", *arguments, folder=folder, typed=typed)


def test_there_are_six_small_programs() -> None:
    assert len(EXAMPLES) == 6
    assert all(len(each.read_text(encoding="utf-8").splitlines()) <= 80 for each in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_uses_public_names_alone(example: Path) -> None:
    for node in ast.walk(ast.parse(example.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("agentick"):
            assert {alias.name for alias in node.names} <= set(import_module(str(node.module)).__all__)


def test_hello_answers_as_it_comes(tmp_path: Path) -> None:
    assert run(tmp_path, "hello").startswith("agentick is an engine for AI agents")
    assert "offline model" in run(tmp_path, "hello", "Hello")


@pytest.mark.parametrize("name", ["hello", "notebook"])
def test_an_agent_for_the_chat_answers_there_too(name: str, tmp_path: Path) -> None:
    app = str(ROOT / "examples" / f"{name}.py")
    command = [sys.executable, "-W", "error", "-c", PROGRAM, "run", "--app", app, "One sentence, please."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("agentick is an engine")


@pytest.mark.parametrize("name", ["hello", "diary"])
async def test_an_example_asks_the_model_it_is_given(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeProvider([Answer(text=("Hello ", "from afar."))]) as provider:
        monkeypatch.setenv("OPENAI_API_KEY", "a key")
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        said = await asyncio.to_thread(run, tmp_path, name, "Who is there?", "openai:somebody")
    assert said.startswith("Hello from afar.\n")


def test_the_planner_ends_with_a_plan(tmp_path: Path) -> None:
    said = run(tmp_path, "planner")
    assert said.splitlines() == ["Tea, 7 minutes", "1. boil the water", "2. warm the pot"]


@pytest.mark.parametrize(("typed", "notes"), [("y\n", "Notes:"), ("n\n", "Notes: bees dance")])
def test_the_notebook_asks_before_it_forgets(typed: str, notes: str, tmp_path: Path) -> None:
    said = run(tmp_path, "notebook", typed=typed)
    assert "Throw every note away? [y/n]" in said
    assert said.splitlines()[-1] == notes


def test_the_diary_remembers_and_reads_the_newest_pages(tmp_path: Path) -> None:
    pages = [f"{day}: {'rain ' * 100}".strip() for day in ("Monday", "Tuesday", "Wednesday", "Thursday")]
    first, second, *_, last = (run(tmp_path, "diary", page) for page in pages)
    assert first == f"The first page that I see: {pages[0]}\n(pages kept: 1)\n"
    assert f"- {pages[0]}" in second
    assert pages[0] not in last
    assert f"- {pages[2]}" in last
    assert last.endswith("(pages kept: 4)\n")


def test_the_research_team_sends_an_expert_for_each_question(tmp_path: Path) -> None:
    said = run(tmp_path, "research_team").splitlines()
    assert said[:2] == ["sent: The dance of bees", "sent: The song of whales"]
    assert said[-2:] == ["Both were looked up.", "2 calls of the editor, 4 in all"]


def test_what_was_recorded_is_replayed_and_compared(tmp_path: Path) -> None:
    assert run(tmp_path, "recorded", "record") == "Recorded 2 calls of the model in recorded.json.\n"
    assert run(tmp_path, "recorded").splitlines()[:4] == [
        "The same conversation again, without a network:",
        "user: What is 1066 plus 960?",
        "assistant: Let me work that out.",
        "assistant: The sum is **2026**.",
    ]

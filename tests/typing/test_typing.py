"""What a type checker tells the users of the public names: nothing about good code, and about each mistake."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentick_core import Component
from agentick_core.testing import compile_agent
from tests.typing import uses

HERE = Path(__file__).parent
MISTAKES = HERE / "mistakes.py"


@pytest.mark.timeout(120)
def test_a_type_checker_finds_every_mistake_and_nothing_in_good_code() -> None:
    found: dict[str, set[str]] = {}
    for each in diagnostics():
        place = f"{Path(each['file']).name}:{each['range']['start']['line'] + 1}"
        found.setdefault(place, set()).add(each["rule"])
    wanted = {f"{MISTAKES.name}:{line}": rule for line, rule in expected(MISTAKES)}
    assert wanted
    assert sorted(found) == sorted(wanted)
    assert not [place for place, rule in wanted.items() if rule not in found[place]]


@pytest.mark.parametrize("agent", [uses.Researcher, uses.Everything, uses.Hooks])
async def test_what_type_checks_also_runs(agent: Component[[]]) -> None:
    compiled = await compile_agent(agent, ["hi"])
    assert compiled.errors == ()
    assert not compiled.tree.forced_stable
    assert compiled.messages


def diagnostics() -> list[dict[str, Any]]:
    """Give what pyright, as strict as with the whole project, says about the two files beside this one."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(HERE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 2
    return report["generalDiagnostics"]


def expected(file: Path) -> list[tuple[int, str]]:
    """Give the lines that are marked with the rule that they break."""
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    return [(line, marked[1]) for line, text in lines if (marked := re.search(r"# expect: (\w+)$", text))]

"""The wheel: built, installed into an environment of its own, and run there."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.source_files import PACKAGES, ROOT, source_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
BROUGHT_BY = {
    "typing_extensions": "typing-extensions",
    "httpx2": "openai",
    "pydantic_core": "pydantic",
    "tree_sitter": "textual",
    "pygments": "rich",
    "markdown_it": "rich",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh environment, which borrows the dependencies of this one; give its programs.

    The environment's own packages come first, and what is borrowed has no `.pth` files read: so agentick can
    come from the wheel alone.
    """
    folder = tmp_path_factory.mktemp("fresh")
    run([sys.executable, "-m", "venv", str(folder)])
    programs = folder / "bin"
    run([str(programs / "python"), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)])
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def run(command: list[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed, and give what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env=dict(env or os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_packages_and_the_themes_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "agentick_tui/themes/agentick-dark.toml" in names
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} <= {
        "agentick_core",
        "agentick_tui",
        "agentick",
    }
    styles = [path.name for path in (ROOT / "agentick_tui" / "styles").glob("*.tcss")]
    assert not [name for name in styles if f"agentick_tui/styles/{name}" not in names]


def test_the_installed_program_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "AGENTICK_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}

    def agentick(*arguments: str) -> str:
        return run([str(installed / "agentick"), *arguments], cwd=tmp_path, env=env)

    place = run(
        [str(installed / "python"), "-c", "import agentick_tui; print(agentick_tui.__file__)"], cwd=tmp_path
    )
    assert place.startswith(str(installed.parent))
    assert agentick("--version").startswith("agentick ")
    assert "agentick-light" in agentick("themes")
    assert "agentick" in agentick("run", "one sentence")
    assert "one sentence" in agentick("sessions", "list")


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=!~ ]", requirement)[0] for requirement in project["dependencies"]}
    imported = {
        name.split(".")[0] for file in source_files(*PACKAGES) for _, name, _ in file.imports()
    } - sys.stdlib_module_names
    missing = {name for name in imported - set(PACKAGES) if BROUGHT_BY.get(name, name) not in declared}
    assert not missing


def test_the_version_is_written_once() -> None:
    tree = ast.parse((ROOT / "agentick_tui" / "__init__.py").read_text())
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    assert [value.value for value in values if isinstance(value, ast.Constant)]
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]

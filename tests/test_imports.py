"""What may import what, and what is loaded when."""

import subprocess
import sys
from collections.abc import Collection

import pytest

from agentick_tui.later import REST
from tests.source_files import PACKAGES, ROOT, source_files

HEAVY = ("textual", "rich", "pydantic", "openai", "anthropic", "httpx2", "aiosqlite", "mcp")
SDKS = ("openai", "anthropic", "httpx2")
ADAPTERS = tuple(f"agentick_core.models.{name}." for name in ("openai", "anthropic", "hosted"))
ALONE = {
    "agentick_core.messages": ("errors", "clock", "lazy", "messages"),
    "agentick_core.events": ("errors", "clock", "messages", "events"),
}


def test_the_import_contracts_hold() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("package", ALONE)
def test_what_lies_at_the_bottom_imports_only_what_lies_below(package: str) -> None:
    allowed = tuple(f"agentick_core.{name}." for name in ALONE[package])
    wrong = [
        f"{file.place}:{line} {name}"
        for file in source_files(package.replace(".", "/"))
        for line, name, _ in file.imports()
        if name.startswith("agentick_") and not f"{name}.".startswith(allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_provider_sdk_is_imported_only_in_its_adapter() -> None:
    wrong = [
        f"{file.place}:{line} {name}"
        for file in source_files(*PACKAGES)
        for line, name, _ in file.imports()
        if name.split(".")[0] in SDKS and not file.module.startswith(ADAPTERS)
    ]
    assert not wrong, "\n".join(wrong)


def test_pydantic_is_imported_only_where_json_meets_our_types() -> None:
    allowed = ("agentick_core.wire", "agentick_core.tools.schema")
    wrong = [
        f"{file.place}:{line} {name}"
        for file in source_files(*PACKAGES)
        for line, name, _ in file.imports()
        if name.split(".")[0] in ("pydantic", "pydantic_core") and not file.module.startswith(allowed)
    ]
    assert not wrong, "\n".join(wrong)


def loaded_by(program: str, among: Collection[str]) -> list[str]:
    """Run the program in a fresh interpreter and give which of the packages it loaded."""
    code = f"{program}\nimport sys\nfor name in {tuple(among)!r}:\n    if name in sys.modules: print('loaded', name)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [line.removeprefix("loaded ") for line in run.stdout.splitlines() if line.startswith("loaded ")]


def test_importing_the_engine_loads_nothing_heavy() -> None:
    assert not loaded_by("import agentick_core", HEAVY)


def test_making_an_app_for_every_provider_loads_no_sdk() -> None:
    program = """
from agentick_core.models.resolve import model_from_spec
from agentick_tui.engine.make_app import make_app
for spec in ("offline", "openai:x", "anthropic:x"): model_from_spec(spec)
"""
    assert not loaded_by(program, ("textual", *SDKS))


def test_the_first_picture_needs_neither_the_engine_nor_a_renderer() -> None:
    program = "import agentick_tui.cli.chat, agentick_tui.run_chat"
    late = (
        "agentick_core.messages",
        "agentick_core.events",
        "agentick_core.tree",
        "sqlite3",
        "pydantic",
        *SDKS,
    )
    assert not loaded_by(program, (*REST, *late))


def test_touching_every_public_name_loads_no_screen_and_no_sdk() -> None:
    program = "import agentick_core as core\nfor name in core.__all__: getattr(core, name)"
    assert not loaded_by(program, ("textual", "rich", *SDKS))


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["run", "--help"], ["sessions", "list", "--help"], ["themes"]]
)
def test_what_needs_no_screen_loads_none(arguments: list[str]) -> None:
    program = (
        f"import sys\nsys.argv = ['agentick', *{arguments!r}]\n"
        "from agentick_tui.cli import main\ntry:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end"
    )
    assert not loaded_by(program, HEAVY)

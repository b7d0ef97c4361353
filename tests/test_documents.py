"""What the documents say is so: their code runs and prints what they show, their commands and files exist."""

import ast
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from agentick_tui import __version__
from tests.offline import run_offline
from tests.source_files import PACKAGES, ROOT
from tests.test_public_names import PARTS

DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
PAGES = tuple(
    page
    for page in DOCUMENTS
    if page.parent.name == "docs" and page.stem not in ("architecture", "performance")
)
OF_PYTHON = frozenset(("None", "True", "False"))
PUBLIC = ("", *(f".{part}" for part in PARTS))
PROGRAM = (sys.executable, "-W", "error", "-c", "from agentick_tui.cli import main; main()")
OF_THE_SHELL = frozenset((".", "cd", "export", "git"))
PICTURE_BYTES = 150 * 1024
TOP_LEVEL = (
    *(f"{package}/" for package in PACKAGES),
    "tests/",
    "docs/",
    "themes/",
    "screenshots/",
    "pyproject",
)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its language, its text, the paragraph before it, the output shown after it."""

    document: Path
    line: int
    language: str
    text: str
    before: str
    shown: str | None = None

    @property
    def place(self) -> str:
        """The document and the line."""
        return f"{self.document.name}:{self.line}"

    @property
    def file_name(self) -> str | None:
        """The name under which the reader is told to save it."""
        found = re.search(r"Save this as `([^`]+)`", self.before)
        return found.group(1) if found else None


def blocks_of(document: Path) -> Iterator[Block]:
    """Give the blocks of a document, each with the `text` block that follows it and nothing else between them."""
    text = document.read_text(encoding="utf-8")
    fences = [*re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL), None]
    for fence, following in pairwise(fences):
        if fence is None or fence.group(1) == "text":
            continue
        shown = None
        if following is not None and following.group(1) == "text":
            between = text[fence.end() : following.start()]
            shown = following.group(2) if not between.strip() else None
        yield Block(
            document=document,
            line=text.count("\n", 0, fence.start()) + 1,
            language=fence.group(1),
            text=fence.group(2),
            before=text[: fence.start()].rstrip().rsplit("\n", 1)[-1],
            shown=shown,
        )


BLOCKS = tuple(block for document in DOCUMENTS for block in blocks_of(document))
PYTHON = tuple(block for block in BLOCKS if block.language == "python")


def spans_of(document: Path) -> list[str]:
    """Give what stands between backticks in the running text."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Give every command that is named: where, and its words."""
    for block in BLOCKS:
        if block.language == "sh":
            for line in block.text.splitlines():
                yield block.place, shlex.split(line, comments=True)
    for document in DOCUMENTS:
        for span in spans_of(document):
            if re.match(r"(agentick|make|\.venv/bin/\w+|\.)( |$)", span):
                yield document.name, shlex.split(span)


COMMANDS = tuple((place, words) for place, words in commands() if words)


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_the_code_in_a_document_runs_and_prints_what_is_shown(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(block.text, encoding="utf-8")
    said = run_offline(program, folder=tmp_path)
    assert block.shown is None or said == block.shown


def test_the_code_in_the_documents_passes_the_type_checker(tmp_path: Path) -> None:
    checked = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(checked), encoding="utf-8")
    for block in PYTHON:
        name = f"{block.document.stem.replace('-', '_')}_{block.line}.py"
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_the_code_in_a_document_uses_public_names_alone(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("agentick"):
            assert str(node.module).removeprefix("agentick_core") in PUBLIC
            assert {alias.name for alias in node.names} <= set(import_module(str(node.module)).__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_nothing_that_cannot_be_imported(page: Path) -> None:
    exported = {name for part in PUBLIC for name in import_module(f"agentick_core{part}").__all__}
    named = {
        found[1] for span in spans_of(page) if (found := re.match(r"(use_\w+|[A-Z][a-z]\w*)(\(|$)", span))
    }
    own = set(re.findall(r"^(?:def|class) (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - exported - own <= OF_PYTHON


@pytest.mark.parametrize(
    "block",
    [block for block in BLOCKS if block.language == "sh" and block.shown is not None],
    ids=lambda block: block.place,
)
def test_a_command_prints_what_is_shown_after_it(block: Block, tmp_path: Path) -> None:
    for saved in PYTHON:
        if saved.file_name is not None:
            (tmp_path / saved.file_name).write_text(saved.text, encoding="utf-8")
    said = ""
    for line in block.text.splitlines():
        program, *arguments = shlex.split(line, comments=True)
        assert program == "agentick"
        run = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        said += run.stdout
    assert said == block.shown


@pytest.mark.parametrize(("place", "words"), COMMANDS, ids=lambda value: " ".join(value))
def test_a_command_in_a_document_exists(place: str, words: list[str]) -> None:
    program, *arguments = words
    match program.removeprefix(".venv/bin/"):
        case "make":
            assert set(arguments) <= make_targets(), place
        case "agentick":
            check_arguments(arguments, place)
        case "python":
            assert arguments[:2] in ([], ["-m", "pytest"]), place
            assert all((ROOT / path).exists() for path in arguments[2:]), place
        case other:
            assert other in OF_THE_SHELL, f"{place}: {program} is no command of ours"


def make_targets() -> set[str]:
    """Give what the Makefile can make."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def check_arguments(arguments: list[str], place: str) -> None:
    """Follow the commands as far as they go; each option must be in the help of the last."""
    path: tuple[str, ...] = ()
    for word in arguments:
        if word.startswith("-"):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", help_of(path)), f"{place}: no {word}"
        elif re.search(rf"^  {re.escape(word)}  ", help_of(path).partition("Commands:")[2], re.MULTILINE):
            path = (*path, word)


@cache
def help_of(path: tuple[str, ...]) -> str:
    """Give what `--help` says of a command."""
    run = subprocess.run([*PROGRAM, *path, "--help"], capture_output=True, text=True, check=True, timeout=30)
    return run.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"""(?:\]\(|src="|srcset=")([^)"#]+)""", text)
    linked = [(document.parent, target) for target in targets if "://" not in target]
    named = [(ROOT, span) for span in spans_of(document) if re.match(rf"({'|'.join(TOP_LEVEL)})\b", span)]
    missing = [target for folder, target in (*linked, *named) if not (folder / target).exists()]
    assert not missing


def test_the_architecture_says_of_every_module_what_it_owns() -> None:
    owned = set(
        re.findall(
            r"^\| `([^`]+)`", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    modules = {
        f"{package}/{path.name}" + "/" * path.is_dir()
        for package in PACKAGES
        for path in (ROOT / package).iterdir()
        if path.is_dir() or path.suffix == ".py"
        if path.name not in ("__pycache__", "themes")
    }
    rows = {place for place in owned if place.startswith(PACKAGES)}
    assert modules - {"agentick_tui/__init__.py"} <= rows
    assert [row for row in rows if not (ROOT / row).exists()] == []


def test_the_readme_opens_with_a_picture_and_an_agent_of_fifteen_lines() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[2] == "<picture>"
    agent = next(block for block in PYTHON if block.document.name == "README.md")
    assert len([line for line in agent.text.splitlines() if line.strip()]) <= 15


def test_the_readme_shows_every_picture() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = sorted((ROOT / "screenshots").glob("*.png"))
    assert len(pictures) >= 8
    for picture in pictures:
        assert f"screenshots/{picture.name}" in text
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < PICTURE_BYTES


def test_contributing_stays_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_changelog_begins_with_this_version_or_with_what_is_to_come() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert found is not None
    assert found.group(1) in ("Unreleased", __version__)

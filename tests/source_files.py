"""The project's own sources, parsed once, for the tests that read them."""

import ast
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("agentick_core", "agentick_tui")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFile:
    """One file: its place, its text, its syntax tree."""

    path: Path

    @property
    def place(self) -> str:
        """The path within the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """The dotted name."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def text(self) -> str:
        """What is written in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.place)

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Its comments, with their lines."""
        with tokenize.open(self.path) as stream:
            tokens = list(tokenize.generate_tokens(stream.readline))
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """Every class."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    def imports(self) -> Iterator[tuple[int, str, bool]]:
        """Give each import's line, what it names, and whether it runs when the file itself is imported."""
        yield from _imports(self.tree, at_once=True)


def _imports(node: ast.AST, *, at_once: bool) -> Iterator[tuple[int, str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield from ((child.lineno, f"{child.module}.{alias.name}", at_once) for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from _imports(child, at_once=False)
        else:
            yield from _imports(child, at_once=at_once and not isinstance(child, Function | ast.Lambda))


@lru_cache
def source_files(*folders: str) -> tuple[SourceFile, ...]:
    """Give every Python file in the folders, both packages and the tests where none is named."""
    return tuple(
        SourceFile(path)
        for folder in folders or (*PACKAGES, "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "__pycache__" not in path.parts
    )

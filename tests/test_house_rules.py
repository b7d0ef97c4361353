"""The house rules that a machine can check: sizes, names, docstrings, excepts, ignores."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.source_files import PACKAGES, Function, SourceFile, source_files

FILE_LINES = 400
FUNCTION_LINES = 50
PUBLIC_METHODS = 20
UNWANTED = frozenset(
    ["manager", "helper", "helpers", "util", "utils", "handler", "handlers", "service", "impl"]
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|for now|placeholder)\b")
UNCOUNTED = ("_", "on_", "action_", "watch_")
REASONED_IGNORE = re.compile(
    r"# (pyright: ignore\[\w+(, ?\w+)*\]|noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*)  ?(# )?\w.+"
)

SEEDED_NAMES = frozenset(("Session",))
"""Classes whose methods are named by the specification of the engine, and may be more."""


def check_each(*folders: str, breach: Callable[[SourceFile], Iterator[str]]) -> None:
    """Fail with the places of everything that the files break."""
    found = [f"{file.place}:{what}" for file in source_files(*folders) for what in breach(file)]
    assert not found, "\n" + "\n".join(found)


def test_a_file_has_at_most_400_lines() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        if len(file.lines) > FILE_LINES:
            yield f"{len(file.lines)} lines"

    check_each(breach=breach)


def test_a_function_has_at_most_50_lines() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for function in file.functions:
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{function.lineno} {function.name} has {lines} lines"

    check_each(breach=breach)


def test_a_class_has_at_most_20_public_methods() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for defined in file.classes:
            count = sum(is_counted(node) for node in defined.body)
            if count > PUBLIC_METHODS and defined.name not in SEEDED_NAMES:
                yield f"{defined.lineno} {defined.name} has {count} public methods"

    check_each(*PACKAGES, breach=breach)


def is_counted(node: ast.stmt) -> bool:
    """Tell whether it is a public method that is neither a property nor a one-line delegation."""
    if not isinstance(node, Function) or node.name.startswith(UNCOUNTED):
        return False
    decorators = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    if decorators & {"property", "cached_property", "setter", "overload"}:
        return False
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return not (
        len(body) == 1 and isinstance(body[0], ast.Return | ast.Expr) and len(ast.unparse(body[0])) < 110
    )


def test_a_file_begins_by_saying_what_it_owns() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        says = ast.get_docstring(file.tree)
        if file.text.strip() and (says is None or file.tree.body[0].lineno != 1):
            yield "1 has no docstring in its first line"

    check_each(breach=breach)


def test_an_exported_name_has_a_docstring() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for node in file.tree.body:
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and "overload" not in map(ast.unparse, node.decorator_list):
                yield f"{node.lineno} {node.name}"

    check_each(*PACKAGES, breach=breach)


def test_a_name_says_what_a_thing_is() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        if UNWANTED & words_of(file.path.stem):
            yield "1 the file's own name"
        for node in (*file.functions, *file.classes):
            if UNWANTED & words_of(node.name):
                yield f"{node.lineno} {node.name}"

    check_each(*PACKAGES, breach=breach)


def words_of(name: str) -> set[str]:
    """Part a name in its words."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_a_broad_except_gives_its_reason_on_the_line_above() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                above = file.lines[node.lineno - 2].strip()
                if not above.startswith("# "):
                    yield f"{node.lineno} gives no reason"

    check_each(*PACKAGES, breach=breach)


def is_broad(node: ast.ExceptHandler) -> bool:
    """Tell whether it catches everything, and does not raise it again when it has cleaned up."""
    if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
        return False
    return node.type is None or bool(
        {"Exception", "BaseException"} & set(re.findall(r"\w+", ast.unparse(node.type)))
    )


def test_an_ignore_has_a_code_and_a_reason() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for line, comment in file.comments:
            switches = re.search(r"#\s*(type:|pyright:|noqa|ruff:|mypy:)", comment)
            if switches and not REASONED_IGNORE.match(comment[switches.start() :]):
                yield f"{line} {comment}"

    check_each(breach=breach)


def test_nothing_is_left_unfinished() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for line, comment in file.comments:
            if UNFINISHED.search(comment):
                yield f"{line} {comment}"

    check_each(*PACKAGES, breach=breach)


def test_a_module_holds_no_state_but_constants() -> None:
    def breach(file: SourceFile) -> Iterator[str]:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Global):
                yield f"{node.lineno} global {', '.join(node.names)}"
        for node in file.tree.body:
            if not isinstance(node, ast.Assign | ast.AnnAssign) or is_allowed_state(node, file):
                continue
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name = target.id if isinstance(target, ast.Name) else ""
                if name.islower() and not name.startswith("__"):
                    yield f"{node.lineno} {name}"

    check_each(*PACKAGES, breach=breach)


def is_allowed_state(node: ast.Assign | ast.AnnAssign, file: SourceFile) -> bool:
    """Tell whether it is a logger, a procedure, or the one context variable."""
    made_by = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""
    if made_by.split("[")[0] == "ContextVar":
        return file.place == "agentick_core/procedures/ambient.py"
    return made_by in ("logging.getLogger", "getLogger") or made_by.endswith("Procedure")


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("# pyright: ignore[reportPrivateUsage]  # the test pins it", True),
        ("# pyright: ignore[reportPrivateUsage]", False),
        ("# pyright: ignore", False),
        ("# type: ignore[attr-defined]  # reason", False),
        ("# noqa: S101  # a reason", True),
        ("# noqa: S101", False),
        ("# noqa", False),
    ],
)
def test_the_check_of_ignores_knows_a_reason_when_it_sees_one(line: str, reasoned: bool) -> None:
    assert bool(REASONED_IGNORE.match(line)) is reasoned

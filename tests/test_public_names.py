"""The public names are these, and no others; `python -m tests.test_public_names` writes the list anew."""

import importlib
from pathlib import Path

import pytest

NAMES = Path(__file__).with_name("public_names.txt")
PARTS = (
    "blocks", "components", "errors", "events", "guards", "hooks", "inbox", "messages", "models", "procedures",
    "recording", "runners", "session", "storage", "testing", "tools",
)  # fmt: skip
MODULES = ("agentick_core", *(f"agentick_core.{part}" for part in PARTS))
TOP_LEVEL = 80


def checked_in(module: str) -> list[str]:
    """Give the names that the checked-in list has for the module."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.partition(":")[0] == module]


def as_ruff_sorts(name: str) -> tuple[bool, bool, str]:
    """Put constants first, then classes, then functions."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("module", MODULES)
def test_a_module_exports_what_the_checked_in_list_says_in_order(module: str) -> None:
    exported: list[str] = importlib.import_module(module).__all__
    assert exported in (sorted(exported), sorted(exported, key=as_ruff_sorts))
    assert exported == checked_in(module), f"change {NAMES.name} where the change is meant"


@pytest.mark.parametrize("module", MODULES)
def test_every_exported_name_is_there(module: str) -> None:
    loaded = importlib.import_module(module)
    assert not [name for name in loaded.__all__ if getattr(loaded, name, None) is None]


def test_the_top_level_stays_small() -> None:
    assert 0 < len(checked_in("agentick_core")) <= TOP_LEVEL


if __name__ == "__main__":
    NAMES.write_text(
        "".join(
            f"{module}: {name}\n" for module in MODULES for name in importlib.import_module(module).__all__
        )
    )

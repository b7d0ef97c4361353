"""Names that a package gives out and loads when they are first used: importing it costs next to nothing."""

from collections.abc import Callable, Mapping
from importlib import import_module


def loaded_when_used(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package; `homes` says for each name in which module it is."""

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return load

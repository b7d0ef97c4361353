"""The agent that `--app` names: a file or a module is imported, and the app or the component in it is taken."""

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, TypeAlias

from agentick_core.session.app.app import App
from agentick_core.tree.element import Component, Element
from agentick_tui.engine.exit_codes import UsageError

Agent: TypeAlias = App[Any] | Component[...] | Element

DEFAULT_NAME = "app"
FORM = "Write path/to/file.py:name or package.module:name."


@dataclass(frozen=True, slots=True)
class LoadedApp:
    """What `--app` named, and what was found there."""

    target: str
    agent: Agent


def load_app(target: str) -> LoadedApp:
    """Import what the target names and take the agent from it; every failure is a `UsageError`."""
    place, name = split_target(target)
    module = _import(place)
    found: object = getattr(module, name, None)
    if isinstance(found, App | Component | Element):
        return LoadedApp(target, found)  # pyright: ignore[reportUnknownArgumentType]  # a type test cannot tell App's parameter
    agents = sorted(key for key, value in vars(module).items() if _is_own_agent(value, module))
    hint = f"There are: {', '.join(agents)}." if agents else "There is no app and no component in it."
    if not hasattr(module, name):
        raise UsageError(f"--app {target}: {place} has no {name!r}.", hint=hint)
    kind = type(found).__name__
    raise UsageError(f"--app {target}: {name} is a {kind}, not an app or a component.", hint=hint)


def split_target(target: str) -> tuple[str, str]:
    """Part a target in the file or the module and the name, which is "app" where none is given."""
    place, colon, name = target.rpartition(":")
    if not colon or "/" in name or "\\" in name:
        place, name = target, DEFAULT_NAME
    if not place or not name.isidentifier():
        raise UsageError(f"--app {target}: this names no agent.", hint=FORM)
    return place, name


def is_file(place: str) -> bool:
    """Tell whether the place of a target is a file; else it is a module."""
    return place.endswith(".py") or "/" in place


def _is_own_agent(value: object, module: ModuleType) -> bool:
    """Tell whether it is an agent made there, and not one of ours that the module imported."""
    if isinstance(value, Component):
        return getattr(value, "__module__", module.__name__) == module.__name__
    return isinstance(value, App | Element)


def _import(place: str) -> ModuleType:
    """Import a file or a module; what it prints goes to stderr, since stdout is for the answer."""
    of_file = is_file(place)
    file = Path(place).expanduser().absolute()
    if of_file and not file.is_file():
        raise UsageError(f"--app: there is no file {file}.", hint=FORM)
    try:
        with redirect_stdout(sys.stderr):
            return _import_file(file) if of_file else _import_module(place)
    except UsageError:
        raise
    except SystemExit as error:
        raise UsageError(
            f"--app {place}: it leaves while it is imported.",
            hint='Put what runs under `if __name__ == "__main__":`.',
        ) from error
    # somebody else's code runs here, and whatever it raises is theirs to read
    except Exception as error:
        raise UsageError(
            f"--app {place}: {type(error).__name__}: {error}", hint=_where(error, place)
        ) from error


def _import_file(file: Path) -> ModuleType:
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"--app: {file} is not a Python file.", hint=FORM)
    _reachable(file.parent)
    module = module_from_spec(spec)
    sys.modules.setdefault(file.stem, module)
    spec.loader.exec_module(module)
    return module


def _import_module(name: str) -> ModuleType:
    _reachable(Path.cwd())
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise UsageError(f"--app: there is no module {name!r}.", hint=FORM) from error


def _reachable(folder: Path) -> None:
    """Let what lies beside the agent be imported, as it is for a script."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _where(error: Exception, place: str) -> str:
    """Give the file and the line that the error came from."""
    if isinstance(error, SyntaxError):
        return f"In {error.filename}, line {error.lineno}."
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if not frame.filename.startswith("<frozen")]
    return f"In {own[-1].filename}, line {own[-1].lineno}." if own else f"While {place} was imported."

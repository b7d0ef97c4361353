"""The settings: defaults, the user's file, the project's, the environment, flags; later ones win."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, TypeAlias

from agentick_core.errors import ValidationError
from agentick_tui.paths import Places

Layer: TypeAlias = Literal["default", "user", "project", "environment", "flag"]

PROJECT_FILE = Path(".agentick", "settings.toml")
VARIABLES: Mapping[str, str] = {
    "model": "AGENTICK_MODEL",
    "theme": "AGENTICK_THEME",
    "database": "AGENTICK_DB",
}
FLAGS: Mapping[str, str] = {
    "model": "--model",
    "theme": "--theme",
    "base_url": "--base-url",
    "database": "--db",
}


class SettingsError(ValidationError):
    """A settings file cannot be read; the message begins with the file and, where known, the line."""

    title = "The settings are wrong"
    code = "SETTINGS_ERROR"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it came from: a layer, and the file, the variable or the flag in it."""

    value: str | None = None
    layer: Layer = "default"
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its provenance; None leaves the choice to the program.

    `model` is a spec such as "openai:NAME", `theme` a theme's name, `base_url` the provider's endpoint,
    `database` the file of the sessions.
    """

    model: Setting = Setting()
    theme: Setting = Setting()
    base_url: Setting = Setting()
    database: Setting = Setting()


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, and what the user should know about how they were found."""

    settings: Settings
    notices: tuple[str, ...] = ()


def load_settings(
    places: Places,
    workspace: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    flags: Mapping[str, str | None] | None = None,
) -> LoadedSettings:
    """Read every layer; a project's own file counts only where its folder is trusted."""
    notices: tuple[str, ...] = ()
    layers = [read_file(places.settings, "user")]
    project = workspace / PROJECT_FILE
    trusted = _trusted(workspace, places) if project.is_file() else False
    if trusted:
        layers.append(read_file(project, "project"))
    elif trusted is None:
        notices = (f"{project} was not read: the chat has not asked yet whether this folder is trusted.",)
    layers.append(
        {
            name: Setting(environ[variable], "environment", variable)
            for name, variable in VARIABLES.items()
            if environ.get(variable)
        }
    )
    layers.append(
        {
            name: Setting(value, "flag", FLAGS[name])
            for name, value in (flags or {}).items()
            if value is not None
        }
    )
    settings = Settings()
    for layer in layers:
        settings = replace(settings, **layer)
    return LoadedSettings(settings, notices)


def _trusted(workspace: Path, places: Places) -> bool | None:
    # Few folders have settings of their own.
    from agentick_tui.settings.trust import trust_of

    return trust_of(workspace, places)


def read_file(file: Path, layer: Layer) -> dict[str, Setting]:
    """Read one settings file; a missing one is empty."""
    import tomllib

    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}", hint="Mend the file or remove it.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}", hint="Mend that line or remove it.") from error
    return {name: _checked(name, value, text, file, layer) for name, value in values.items()}


def line_of(name: str, text: str) -> int:
    """Give the number of the line on which the key of a TOML text is set; 1 where it is not to be found."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.replace("[", " ").strip().strip("\"'").startswith(name):
            return number
    return 1


def _checked(name: str, value: object, text: str, file: Path, layer: Layer) -> Setting:
    place = f"{file}:{line_of(name, text)}"
    known = sorted(field.name for field in fields(Settings))
    if name not in known:
        raise SettingsError(f"{place}: unknown setting {name!r}", hint=f"There are: {', '.join(known)}.")
    if not isinstance(value, str):
        raise SettingsError(
            f"{place}: {name} must be text, not {value!r}", hint=f'Write it in quotes: {name} = "{value}"'
        )
    return Setting(value, layer, place)

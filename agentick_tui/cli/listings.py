"""What there is: the version, the models, the themes."""

from agentick_tui import __version__
from agentick_tui.cli.flags import Flags
from agentick_tui.streams import write_out


def show_version() -> int:
    """Write the version and give the exit code."""
    write_out(f"agentick {__version__}\n")
    return 0


def show_models(flags: Flags, *, as_json: bool) -> None:
    """List the models that can be named, the one that would answer marked with the reason."""
    from agentick_core.models.catalog import known_specs
    from agentick_tui.cli.start import find_start
    from agentick_tui.cli.tables import write_listing
    from agentick_tui.settings.model_choice import choose_model

    choice = choose_model(find_start(flags).settings)
    specs = dict.fromkeys((choice.spec, *known_specs()))
    rows = [{"model": spec, "chosen": choice.why if spec == choice.spec else ""} for spec in specs]
    write_listing(rows, as_json=as_json, nothing="No models are known.")


def show_themes(*, as_json: bool) -> None:
    """List the themes, shipped and the user's own."""
    from agentick_tui.cli.tables import write_listing
    from agentick_tui.paths import find_places
    from agentick_tui.theme import load_theme, theme_names

    own = find_places().themes
    rows = [
        {"theme": name, "kind": "dark" if load_theme(name, own).dark else "light"}
        for name in theme_names(own)
    ]
    write_listing(rows, as_json=as_json, nothing="There are no themes.")

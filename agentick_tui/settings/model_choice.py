"""The model when more than one could answer: what was said, else what there is a key for, else offline."""

import os
from collections.abc import Mapping

from agentick_core.models.catalog import BASE_URL_VARIABLES, default_model, parse_spec
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.engine.options import ModelChoice
from agentick_tui.settings.layers import Settings

PROVIDERS = tuple(BASE_URL_VARIABLES)


def choose_model(settings: Settings, environ: Mapping[str, str] = os.environ) -> ModelChoice:
    """Choose the model and say why; a spec that names no model of ours raises `NotFoundError`."""
    said = settings.model
    spec, why = (said.value, f"set by {said.place}") if said.value is not None else default_model(environ)
    parsed = parse_spec(spec)
    if settings.base_url.layer == "flag" and parsed.provider not in PROVIDERS:
        raise UsageError(
            f"--base-url does not go with the model {parsed}.",
            hint="Add --model openai:NAME or anthropic:NAME.",
        )
    return ModelChoice(
        spec=str(parsed),
        why=why,
        fixed=said.layer in ("flag", "environment"),
        base_url=_base_url(parsed.provider, settings, environ),
    )


def _base_url(provider: str, settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Give the flag's URL, else the one in the provider's variable, else the files'; None for the provider's own."""
    if provider not in PROVIDERS:
        return None
    said = settings.base_url
    if said.layer == "flag":
        return said.value
    return environ.get(BASE_URL_VARIABLES[provider]) or said.value

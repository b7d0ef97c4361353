"""What is known about models without asking anybody: providers, default names, windows, abilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentick_core.errors import NotFoundError

if TYPE_CHECKING:
    from agentick_core.models.model import ModelInfo

KEY_VARIABLES: Mapping[str, str] = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
"""The environment variable that holds the key of each provider, in the order in which they are preferred."""

BASE_URL_VARIABLES: Mapping[str, str] = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}
"""The environment variable that names another endpoint for each provider."""

DEFAULT_MODELS: Mapping[str, str] = {
    "anthropic": "claude-sonnet-5-5",
    "openai": "gpt-6.1-terra",
    "offline": "offline",
}
"""The model of each provider where only the provider was named; OpenAI's newest ones take no tools over Chat
Completions unless they may do without reasoning, which this one may."""

PROVIDERS: tuple[str, ...] = tuple(DEFAULT_MODELS)


@dataclass(frozen=True, slots=True)
class _Facts:
    window: int
    output: int
    reasons: bool = True
    effort: bool = False
    schema: bool = True


_NEW_GPT = _Facts(1_050_000, 128_000, effort=True)
_GPT_5 = _Facts(400_000, 128_000)
_CLAUDE_5 = _Facts(1_000_000, 128_000, effort=True)

_OPENAI: Mapping[str, _Facts] = {
    "gpt-6-astra": _NEW_GPT,
    "gpt-6.1-sol": _NEW_GPT,
    "gpt-6.1-terra": _NEW_GPT,
    "gpt-6-sol": _NEW_GPT,
    "gpt-6-luna": _NEW_GPT,
    "gpt-5.6-sol": _NEW_GPT,
    "gpt-5.6-terra": _NEW_GPT,
    "gpt-5.6-luna": _NEW_GPT,
    "gpt-5.5": _Facts(1_000_000, 128_000, effort=True),
    "gpt-5.4": _NEW_GPT,
    "gpt-5.4-mini": _Facts(400_000, 128_000, effort=True),
    "gpt-5.4-nano": _Facts(400_000, 128_000, effort=True),
    "gpt-5.3-chat-latest": _Facts(128_000, 16_384, reasons=False),
    "gpt-5.2": _GPT_5,
    "gpt-5.1": _GPT_5,
    "gpt-5": _GPT_5,
    "gpt-5-mini": _GPT_5,
    "gpt-5-nano": _GPT_5,
    "gpt-4.1": _Facts(1_047_576, 32_768, reasons=False),
    "gpt-4.1-mini": _Facts(1_047_576, 32_768, reasons=False),
    "gpt-4.1-nano": _Facts(1_047_576, 32_768, reasons=False),
    "gpt-4o": _Facts(128_000, 16_384, reasons=False),
    "gpt-4o-mini": _Facts(128_000, 16_384, reasons=False),
    "o4-mini": _Facts(200_000, 100_000),
    "o3": _Facts(200_000, 100_000),
    "o3-mini": _Facts(200_000, 100_000),
    "o1": _Facts(200_000, 100_000),
}

_ANTHROPIC: Mapping[str, _Facts] = {
    "claude-fable-5-2": _CLAUDE_5,
    "claude-mythos-5-2": _CLAUDE_5,
    "claude-haiku-5-5": _CLAUDE_5,
    "claude-sonnet-5-5": _CLAUDE_5,
    "claude-fable-5-1": _CLAUDE_5,
    "claude-opus-5-5": _CLAUDE_5,
    "claude-mythos-5-1": _CLAUDE_5,
    "claude-sonnet-5": _CLAUDE_5,
    "claude-fable-5": _CLAUDE_5,
    "claude-mythos-5": _CLAUDE_5,
    "claude-opus-5": _CLAUDE_5,
    "claude-opus-4-8": _Facts(1_000_000, 128_000),
    "claude-opus-4-7": _Facts(1_000_000, 128_000),
    "claude-opus-4-6": _Facts(1_000_000, 128_000),
    "claude-sonnet-4-6": _Facts(1_000_000, 64_000),
    "claude-haiku-4-5": _Facts(200_000, 64_000),
    "claude-opus-4-5": _Facts(200_000, 64_000),
    "claude-sonnet-4-5": _Facts(200_000, 64_000),
}

_CATALOG: Mapping[str, Mapping[str, _Facts]] = {"anthropic": _ANTHROPIC, "openai": _OPENAI}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What names a model: a provider and the name that the provider knows it by."""

    provider: str
    name: str

    def __str__(self) -> str:
        return self.provider if self.provider == "offline" else f"{self.provider}:{self.name}"


def parse_spec(spec: str) -> ModelSpec:
    """Read "offline", "openai:NAME", "anthropic:NAME", or a provider alone, which means its default model.

    Raises NotFoundError where the provider is unknown or the name is missing.
    """
    provider, colon, name = spec.strip().partition(":")
    if provider not in DEFAULT_MODELS or (colon and not name) or (provider == "offline" and name):
        raise NotFoundError(f"Unknown model: {spec!r}", hint=_hint(spec), details={"known": known_specs()})
    return ModelSpec(provider, name or DEFAULT_MODELS[provider])


def known_models(provider: str) -> tuple[str, ...]:
    """Give the names in the catalog, newest first."""
    return tuple(_CATALOG.get(provider, ()))


def known_specs() -> tuple[str, ...]:
    """Give everything in the catalog as specs."""
    named = [f"{provider}:{name}" for provider in _CATALOG for name in known_models(provider)]
    return ("offline", *named)


def nearest_models(provider: str, name: str) -> tuple[str, ...]:
    """Give up to three names in the catalog that look like this one."""
    return _nearest(name, known_models(provider))


def model_info(provider: str, name: str) -> "ModelInfo":
    """Say what is known about the model; a name with a date or another ending counts as the one it begins with."""
    # Choosing a model takes only names, and is the first thing that the program does.
    from agentick_core.models.model import ModelInfo
    from agentick_core.models.prices import PRICES

    facts = _facts(provider, name)
    spec = str(ModelSpec(provider, name))
    if facts is None:
        return ModelInfo(id=name, provider=provider, spec=spec, name=name)
    return ModelInfo(
        id=name,
        provider=provider,
        spec=spec,
        name=name,
        context_window=facts.window,
        max_output_tokens=facts.output,
        supports_vision=True,
        supports_tool_use=True,
        is_reasoning_model=facts.reasons,
        supports_json_schema=facts.schema,
        price=PRICES[provider].get(_known_as(provider, name)),
    )


def reasons_by_default(provider: str, name: str) -> bool:
    """Tell whether the model thinks unless it is told not to, and takes an effort to be told with."""
    facts = _facts(provider, name)
    return facts is not None and facts.effort


def default_model(environ: Mapping[str, str]) -> tuple[str, str]:
    """Choose a model where nobody has: give its spec, and why, in words for the status bar."""
    for provider, variable in KEY_VARIABLES.items():
        if environ.get(variable):
            return f"{provider}:{DEFAULT_MODELS[provider]}", f"{variable} is set"
    return "offline", "no key is set"


def _facts(provider: str, name: str) -> _Facts | None:
    return _CATALOG.get(provider, {}).get(_known_as(provider, name))


def _known_as(provider: str, name: str) -> str:
    """Give the name in the catalog that a dated name begins with; any other stays as it is."""
    known = _CATALOG.get(provider, {})
    if name in known:
        return name
    return next((base for base in sorted(known, key=len, reverse=True) if name.startswith(base + "-2")), name)


def _nearest(wanted: str, names: tuple[str, ...]) -> tuple[str, ...]:
    from difflib import get_close_matches

    return tuple(get_close_matches(wanted, names, n=3, cutoff=0.5))


def _hint(spec: str) -> str:
    specs, bare = known_specs(), spec.strip().rpartition(":")[2]
    names = {known.rpartition(":")[2]: known for known in specs}
    near = _nearest(spec, specs) or tuple(names[name] for name in _nearest(bare, tuple(names)))
    forms = "Use offline, openai:NAME or anthropic:NAME."
    return f"Did you mean {' or '.join(near)}? {forms}" if near else forms

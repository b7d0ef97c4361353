"""What names a model, and what is known about it."""

import subprocess
import sys

import pytest

from agentick_core.errors import NotFoundError
from agentick_core.models.anthropic import AnthropicModel, anthropic
from agentick_core.models.catalog import (
    DEFAULT_MODELS,
    default_model,
    known_specs,
    model_info,
    parse_spec,
    reasons_by_default,
)
from agentick_core.models.model import ChatModel
from agentick_core.models.offline import OfflineModel, offline
from agentick_core.models.openai import OpenAIModel, openai
from agentick_core.models.resolve import Preparable, model_from_spec


@pytest.mark.parametrize(
    ("spec", "kind", "written"),
    [
        ("offline", OfflineModel, "offline"),
        ("openai:gpt-5", OpenAIModel, "openai:gpt-5"),
        ("openai:ft:gpt-4o:me", OpenAIModel, "openai:ft:gpt-4o:me"),
        (" anthropic:claude-opus-5-5 ", AnthropicModel, "anthropic:claude-opus-5-5"),
        ("openai", OpenAIModel, "openai:" + DEFAULT_MODELS["openai"]),
    ],
)
def test_a_spec_names_a_model(spec: str, kind: type, written: str):
    model = model_from_spec(spec)

    assert isinstance(model, kind)
    assert isinstance(model, ChatModel)
    assert model.info.spec == written


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("ofline", "offline"),
        ("opnai:gpt-5", "openai:gpt-5"),
        ("gpt-5.4", "openai:gpt-5.4"),
        ("claude-opus-5-5", "anthropic:claude-opus-5-5"),
        ("openai:", "openai:NAME"),
        ("offline:x", "offline"),
        ("", "openai:NAME"),
        ("gemini:pro", "openai:NAME"),
    ],
)
def test_an_unknown_spec_names_the_nearest(spec: str, hint: str):
    with pytest.raises(NotFoundError) as caught:
        model_from_spec(spec)

    assert repr(spec) in caught.value.message
    assert hint in caught.value.hint
    assert "offline" in caught.value.details["known"]


def test_the_catalog_knows_windows_and_its_own_defaults():
    for provider in ("openai", "anthropic"):
        info = model_info(provider, DEFAULT_MODELS[provider])
        assert info.context_window
        assert info.max_output_tokens
        assert info.supports_tool_use
    assert all(str(parse_spec(spec)) == spec for spec in known_specs())


def test_a_dated_name_counts_as_the_model_it_begins_with():
    assert model_info("openai", "gpt-5-mini-2025-08-07").context_window == 400_000
    assert model_info("anthropic", "claude-haiku-4-5-20251001").max_output_tokens == 64_000
    assert model_info("openai", "llama-3").context_window is None
    assert reasons_by_default("openai", "gpt-6.1-terra")
    assert not reasons_by_default("openai", "llama-3")


def test_the_default_is_the_provider_whose_key_is_there():
    assert default_model({})[0] == "offline"
    assert default_model({"OPENAI_API_KEY": "x"}) == ("openai:gpt-6.1-terra", "OPENAI_API_KEY is set")
    assert default_model({"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "y"})[0].startswith("anthropic:")


def test_models_show_their_name_and_nothing_else():
    assert [repr(model) for model in (openai("a", api_key="k"), anthropic("b", api_key="k"), offline())] == [
        "openai('a')", "anthropic('b')", "offline()",
    ]  # fmt: skip


async def test_preparing_imports_what_a_first_answer_needs():
    for spec in ("openai:x", "anthropic:x"):
        model = model_from_spec(spec)
        assert isinstance(model, Preparable)
        await model.prepare()

    assert not isinstance(model_from_spec("offline"), Preparable)
    assert {"openai", "anthropic"} <= set(sys.modules)


def test_naming_a_model_imports_no_sdk():
    code = (
        "import sys\n"
        "from agentick_core.models.resolve import model_from_spec\n"
        "for spec in ('offline', 'openai:x', 'anthropic:x'): model_from_spec(spec).info\n"
        "print([name for name in ('openai', 'anthropic', 'httpx2', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

"""The model: what was said wins, then the keys, then offline; and why is said."""

import pytest

from agentick_core.errors import NotFoundError
from agentick_tui.engine.exit_codes import UsageError
from agentick_tui.settings.layers import Setting, Settings
from agentick_tui.settings.model_choice import choose_model

BOTH_KEYS = {"OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a"}


def test_without_a_word_and_a_key_it_is_offline() -> None:
    choice = choose_model(Settings(), {})
    assert (choice.spec, choice.fixed) == ("offline", False)
    assert "no key" in choice.why


def test_anthropic_comes_before_openai_when_both_keys_are_there() -> None:
    choice = choose_model(Settings(), BOTH_KEYS)
    assert choice.spec.startswith("anthropic:")
    assert choice.why == "ANTHROPIC_API_KEY is set"


def test_a_flag_goes_over_the_keys_and_over_an_app() -> None:
    choice = choose_model(Settings(model=Setting("openai:gpt-5", "flag", "--model")), BOTH_KEYS)
    assert (choice.spec, choice.why, choice.fixed) == ("openai:gpt-5", "set by --model", True)


def test_a_model_in_the_settings_is_only_a_default_beside_an_app() -> None:
    choice = choose_model(Settings(model=Setting("offline", "user", "settings.toml:1")), BOTH_KEYS)
    assert (choice.spec, choice.fixed) == ("offline", False)


def test_a_provider_alone_means_its_default_model() -> None:
    choice = choose_model(Settings(model=Setting("openai", "flag", "--model")), {})
    assert choice.spec.startswith("openai:")
    assert choice.spec != "openai:"


@pytest.mark.parametrize("spec", ["", "gpt-5", "opnai:gpt-5", "openai:", "offline:x"])
def test_a_spec_that_is_none_is_refused(spec: str) -> None:
    with pytest.raises(NotFoundError, match="Unknown model"):
        choose_model(Settings(model=Setting(spec, "flag", "--model")), {})


def test_the_endpoint_is_the_flag_then_the_variable_then_the_file() -> None:
    model = Setting("openai:x", "flag", "--model")
    environ = {"OPENAI_BASE_URL": "http://variable", "ANTHROPIC_BASE_URL": "http://other"}
    flag = Settings(model=model, base_url=Setting("http://flag", "flag", "--base-url"))
    file = Settings(model=model, base_url=Setting("http://file", "user", "settings.toml:1"))
    assert choose_model(flag, environ).base_url == "http://flag"
    assert choose_model(file, environ).base_url == "http://variable"
    assert choose_model(file, {}).base_url == "http://file"
    assert choose_model(Settings(model=model), {}).base_url is None


def test_an_endpoint_without_a_provider_is_refused() -> None:
    with pytest.raises(UsageError, match="--base-url"):
        choose_model(Settings(base_url=Setting("http://flag", "flag", "--base-url")), {})

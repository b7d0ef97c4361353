"""What model calls cost."""

from math import isclose

from agentick_core.messages.usage import Usage
from agentick_core.models.catalog import known_models, model_info
from agentick_core.models.prices import PRICES, Price


def test_each_kind_of_token_has_its_own_price():
    price = Price(input=1, output=10, cached_input=0.1, cache_creation=2)
    usage = Usage(
        input_tokens=4_000_000,
        output_tokens=1_000_000,
        cached_input_tokens=1_000_000,
        cache_creation_tokens=1_000_000,
    )

    assert isclose(price.cost(usage), 2 + 0.1 + 2 + 10)


def test_a_kind_without_a_price_of_its_own_costs_what_input_costs():
    price = Price(input=1, output=10)

    assert isclose(price.cost(Usage(input_tokens=2_000_000, cached_input_tokens=1_000_000)), 2)


def test_a_long_request_is_charged_at_the_higher_price_as_a_whole():
    price = Price(input=1, output=10, longer_than=1_000_000, longer=Price(input=2, output=15))

    assert isclose(price.cost(Usage(input_tokens=1_000_000, output_tokens=1_000_000)), 11)
    assert isclose(price.cost(Usage(input_tokens=2_000_000, output_tokens=1_000_000)), 19)
    assert isclose(price.most(2_000_000, 1_000_000), 19)


def test_the_most_a_call_can_cost_is_no_less_than_what_it_costs():
    for price in PRICES["anthropic"].values():
        usage = Usage(input_tokens=150_000, output_tokens=1_000, cache_creation_tokens=150_000)
        assert price.most(150_000, 1_000) >= price.cost(usage) - 1e-9


def test_every_price_is_that_of_a_model_in_the_catalog_and_a_dated_name_has_it_too():
    for provider, prices in PRICES.items():
        assert set(prices) <= set(known_models(provider))
        for name, price in prices.items():
            assert model_info(provider, name).price == price
            assert 0 < price.input <= price.output
    assert model_info("openai", "gpt-5-2025-08-07").price == model_info("openai", "gpt-5").price
    assert model_info("openai", "nobody-knows-it").price is None

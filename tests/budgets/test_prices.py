"""Prices are those of LiteLLM's price map, exactly, and never guessed."""

import sys
from decimal import Decimal

import pytest

from budgets import prices
from budgets.models import CallUsage
from budgets.prices import UnknownPrice, price_of

USAGE = CallUsage(input_tokens=1_000, output_tokens=100, cached_tokens=300, cache_write_tokens=200)


@pytest.fixture
def price_map(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    known: dict[str, dict[str, object]] = {}
    monkeypatch.setattr(prices, "_price_map", lambda: known)
    return known


def entry(**rates: str) -> dict[str, object]:
    rates = {"input_cost_per_token": "2e-06", "output_cost_per_token": "8e-06", **rates}
    values = {
        name: Decimal(rate) if isinstance(rate, str) else rate for name, rate in rates.items()
    }
    return {**values, "litellm_provider": "anthropic"}


def test_cached_and_written_tokens_have_their_own_price(
    price_map: dict[str, dict[str, object]],
) -> None:
    cache = {
        "cache_read_input_token_cost": "5e-07",
        "cache_creation_input_token_cost": "2.5e-06",
    }
    price_map["m"], price_map["plain"] = entry(**cache), entry()
    assert price_of("m").cost(USAGE) == Decimal("0.00245")  # 0.001 + 0.00015 + 0.0005 + 0.0008
    assert price_of("plain").cost(USAGE) == Decimal("0.0028")
    assert price_of("m").max_cost(1_000, 100) == Decimal("0.0033")  # all input is written
    assert price_of("plain").max_cost(1_000, 100) == Decimal("0.0028")


@pytest.mark.parametrize(("tokens", "rate"), [(200_000, 2), (200_001, 4), (272_001, 5)])
def test_long_input_has_the_price_of_its_tier(
    price_map: dict[str, dict[str, object]], tokens: int, rate: int
) -> None:
    price_map["m"] = entry(
        input_cost_per_token_above_200k_tokens="4e-06",
        input_cost_per_token_above_272k_tokens="5e-06",
        input_cost_per_token_above_200k_tokens_priority="9e-06",
    )
    usage = CallUsage(input_tokens=tokens, output_tokens=0)
    assert price_of("m").cost(usage) == rate * tokens * Decimal("1e-06")


def test_model_is_found_by_the_name_that_the_agents_sdk_takes(
    price_map: dict[str, dict[str, object]],
) -> None:
    price_map["claude"] = entry()
    assert (
        price_of("litellm/anthropic/claude") == price_of("anthropic/claude") == price_of("claude")
    )
    with pytest.raises(UnknownPrice, match="'openai/claude' has no price per token"):
        price_of("openai/claude")


@pytest.mark.parametrize("model", ["nope", "", "dall-e-3", "m" * 1_000])
def test_model_without_a_price_per_token_is_rejected(model: str) -> None:
    if model:
        with pytest.raises(UnknownPrice) as failure:
            price_of(model)
        assert failure.value.non_retryable
        assert len(failure.value.message) < 200
    else:
        assert price_of(model).rates  # the default model has a price


def test_price_map_is_read_without_importing_litellm() -> None:
    before = "litellm" in sys.modules
    assert price_of(None).max_cost(1, 1) > 0
    assert ("litellm" in sys.modules) == before


@pytest.mark.exhaustive
@pytest.mark.parametrize("tokens", [1_000, 300_000])
def test_costs_equal_those_that_litellm_computes(
    tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    for model in ("gpt-5.4", "gpt-4.1-mini", "claude-sonnet-4-5", "gemini-2.5-pro", "gpt-4o"):
        usage = CallUsage(input_tokens=tokens, output_tokens=500, cached_tokens=200)
        theirs = litellm.cost_per_token(
            model=model,
            prompt_tokens=tokens,
            completion_tokens=500,
            cache_read_input_tokens=200,
        )
        assert float(price_of(model).cost(usage)) == pytest.approx(sum(theirs)), model

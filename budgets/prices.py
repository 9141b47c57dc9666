"""The price of a model's tokens, from the price map that LiteLLM includes.

Only LiteLLM's data file is read. Importing LiteLLM itself takes seconds and 100 MB.
"""

import json
import re
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from agents.models.default_models import get_default_model
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from budgets.models import CallUsage

PRICE_MAP = "model_prices_and_context_window_backup.json"
INPUT, OUTPUT = "input_cost_per_token", "output_cost_per_token"
CACHE_READ, CACHE_WRITE = "cache_read_input_token_cost", "cache_creation_input_token_cost"
LONG_INPUT = re.compile(r"(\w+)_above_(\d+)k_tokens")


class UnknownPrice(ApplicationError):
    """A model has no price, so its calls cannot be reserved. Non-retryable."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"model {model[:100]!r} has no price per token in LiteLLM's price map",
            type=UnknownPrice.__name__,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )


class Price(NamedTuple):
    """The dollars per token of one model, at the provider's standard rates."""

    rates: dict[str, Decimal]

    def cost(self, usage: CallUsage) -> Decimal:
        """Return the cost of a call, in dollars."""
        plain = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        parts = [
            (INPUT, plain),
            (CACHE_READ, usage.cached_tokens),
            (CACHE_WRITE, usage.cache_write_tokens),
            (OUTPUT, usage.output_tokens),
        ]
        rates = (self._rate(name, usage.input_tokens) for name, _ in parts)
        return sum((r * n for r, (_, n) in zip(rates, parts, strict=True)), Decimal())

    def max_cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return the most that a call can cost: all its input may be written to the cache."""
        plain = CallUsage(input_tokens=input_tokens, output_tokens=output_tokens)
        written = plain.model_copy(update={"cache_write_tokens": input_tokens})
        return max(self.cost(plain), self.cost(written))

    def _rate(self, name: str, input_tokens: int) -> Decimal:
        """Return the dollars per token. Some models cost more if the input is long."""
        if name not in self.rates:
            name = INPUT  # no cache, or no separate price
        tiers = [(0, self.rates[name])]
        for key, rate in self.rates.items():
            match = LONG_INPUT.fullmatch(key)
            if match and match[1] == name and input_tokens > int(match[2]) * 1_000:
                tiers.append((int(match[2]), rate))
        return max(tiers)[1]


def price_of(model: str | None) -> Price:
    """Return the price of a model, by default of the worker's default model.

    Args:
        model: A name as the Agents SDK takes it, such as "litellm/anthropic/claude-sonnet-4-5".

    Raises:
        UnknownPrice: The map has no price per token for it.
    """
    name = (model or get_default_model()).removeprefix("litellm/")
    provider, _, rest = name.partition("/")
    entry = _price_map().get(name)
    if entry is None:
        entry = _price_map().get(rest, {})
        entry = entry if entry.get("litellm_provider") == provider else {}
    rates = {key: Decimal(rate) for key, rate in entry.items() if isinstance(rate, Decimal | int)}
    if not {INPUT, OUTPUT} <= rates.keys():
        raise UnknownPrice(name)
    return Price(rates)


@cache
def _price_map() -> dict[str, dict[str, object]]:
    package = find_spec("litellm")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("prices need the package litellm")
    text = Path(package.origin).with_name(PRICE_MAP).read_text(encoding="utf-8")
    prices: dict[str, dict[str, object]] = json.loads(text, parse_float=Decimal)
    return prices

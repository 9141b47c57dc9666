"""The worker of basic, with a price, so that it also reports cost."""

from durable_agents import connect, run, serve
from durable_agents.model_metrics import ModelCallMetrics

from decimal import Decimal

from agents import Usage

from basic.run_worker import build_worker


def price(model: str, usage: Usage) -> Decimal:
    """Return the cost of a response, in dollars."""
    return Decimal(usage.total_tokens) / 1_000_000


async def main() -> None:
    """Run the worker until SIGTERM."""
    await serve(build_worker(await connect(interceptors=[ModelCallMetrics(price)])))


if __name__ == "__main__":
    run(main)

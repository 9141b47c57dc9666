"""The tools: validation, results, and idempotent invoices."""

from durable_agents import connect

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from goal_agent.goals import BOOK_TRIP, GOALS
from goal_agent.models import Argument, CheckedStep
from goal_agent.run_worker import build_worker
from goal_agent.toolbox import ledger as local
from goal_agent.toolbox.events import FindEvents
from goal_agent.toolbox.flights import SearchFlights
from goal_agent.toolbox.registry import TOOLS
from tests.goal_agent.conversations import invoices

TODAY = datetime.now(UTC).date()
SOON, LATER = str(TODAY + timedelta(days=30)), str(TODAY + timedelta(days=40))


def check(tool: str, **values: str | None) -> CheckedStep:
    return TOOLS[tool].check([Argument(name=n, value=v) for n, v in values.items()])


@pytest.mark.parametrize(
    ("tool", "values", "problem"),
    [
        ("find_events", {"city": "Atlantis", "month": "6"}, "known cities: Amsterdam,"),
        ("find_events", {"city": "Oslo", "month": "13"}, "less than or equal to 12"),
        ("find_events", {"city": "Oslo", "month": "6", "more": "x"}, "Extra inputs"),
        ("search_flights", {"depart": SOON, "back": "soon"}, "search_flights.back"),
        ("create_invoice", {"amount": "1.001"}, "2 decimal places"),
        ("create_invoice", {"amount": "NaN"}, "finite"),
        ("create_invoice", {"amount": "10000.01"}, "less than or equal to 10000"),
        ("create_invoice", {"email": "a@b"}, "create_invoice.email"),
    ],
)
def test_invalid_arguments_are_problems(tool: str, values: dict[str, str], problem: str) -> None:
    assert problem in (check(tool, **values).problem or "")


@pytest.mark.parametrize(
    ("origin", "depart", "back", "problem"),
    [
        ("Oslo", SOON, LATER, "the same city"),
        ("BER", LATER, SOON, "back must be after depart"),
        ("BER", str(TODAY - timedelta(days=2)), LATER, "in the past"),
    ],
)
def test_impossible_round_trips_are_problems(
    origin: str, depart: str, back: str, problem: str
) -> None:
    checked = check("search_flights", origin=origin, destination="OSL", depart=depart, back=back)
    assert problem in (checked.problem or "")


def test_arguments_are_converted_and_missing_ones_named() -> None:
    checked = check("search_flights", origin="ber", destination="oslo", depart=SOON, back=LATER)
    assert list(checked.args.values()) == ["Berlin", "Oslo", SOON, LATER]
    assert check("find_events", city="Oslo", month="june").args == {"city": "Oslo", "month": 6}
    checked = check("create_invoice", email="a@b.org", amount=None, description=" ")
    assert (checked.missing, checked.problem) == (["amount", "description"], None)
    assert checked.spends


async def test_results_are_stable_and_in_the_future() -> None:
    found = await FindEvents(city="Oslo", month=6).run("")
    days = [line.split()[1] for line in found.splitlines()[1:]]
    assert len(days) == 3
    assert min(days) > str(TODAY)
    assert "none. Months with events: January" in await FindEvents(city="Berlin", month=2).run("")
    args = {"origin": "Berlin", "destination": "Oslo", "depart": SOON, "back": LATER}
    flights = SearchFlights.model_validate(args)
    offers = await flights.run("")
    assert offers == await flights.run("")
    prices = [Decimal(line.split()[-2]) for line in offers.splitlines()[1:]]
    assert prices == sorted(prices)


async def test_concurrent_attempts_create_one_invoice(ledger: Path) -> None:
    attempts = [local.create(key, "a@b.org", Decimal("1.10"), "x") for key in "ab" * 10]
    assert len(set(await asyncio.gather(*attempts))) == 2
    assert sorted(invoices(ledger)) == ["a", "b"]


async def test_worker_rejects_a_goal_with_an_unknown_tool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    broken = BOOK_TRIP.model_copy(update={"tools": ["fly"]})
    monkeypatch.setitem(GOALS, "broken", broken)
    client = await connect()
    with pytest.raises(ValueError, match="'fly'; known tools: find_events, search_flights"):
        build_worker(client)

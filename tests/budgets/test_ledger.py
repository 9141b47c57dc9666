"""The ledger, in SQLite and PostgreSQL: it stays within limits, and counts nothing twice."""

from durable_agents import InvalidInput

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from budgets.ledger import Ledger
from budgets.models import Bill, Limits, PlannedCall

Ledgers = list[Ledger]
COST = Decimal("0.000000000001")  # the smallest that is stored


def limits(tokens: int, cost: str = "1") -> Limits:
    return Limits(max_tokens=tokens, max_cost=Decimal(cost), max_time=timedelta(minutes=1))


def call(number: int, tokens: int = 100, agent: str = "A", workflow: str = "w") -> PlannedCall:
    return PlannedCall(
        budget="b",
        id=f"call-{number}",
        workflow_id=workflow,
        agent=agent,
        model=None,
        input_tokens=tokens - 10,
        output_tokens=10,
    )


def totals(bill: Bill) -> dict[str, tuple[int, int, int, int]]:
    return {
        line.agent: (line.calls, line.lost, line.tokens, line.lost_tokens) for line in bill.lines
    }


@pytest.mark.parametrize(("tokens", "dollars"), [(750, "1"), (10_000, "0.0075")])
async def test_reservations_at_once_stay_within_each_limit(
    ledgers: Ledgers, tokens: int, dollars: str
) -> None:
    await ledgers[0].open("b", limits(tokens, dollars))
    price = Decimal("0.001")
    made = [ledgers[n % 2].reserve(call(n), price) for n in range(20)]
    granted = [each for each in await asyncio.gather(*made) if each.is_granted]
    assert len(granted) == 7
    assert max(each.state.tokens for each in granted) == 700
    assert max(each.state.cost for each in granted) == 7 * price


async def test_repeated_operation_changes_nothing(ledgers: Ledgers) -> None:
    ledger, other = ledgers
    await ledger.open("b", limits(150))
    await other.open("b", limits(1_000))
    for _ in range(2):
        assert (await ledger.reserve(call(1), COST)).is_granted
        assert not (await other.reserve(call(2), COST)).is_granted
    for tokens in (60, 60, 90):
        state = await ledger.settle(call(1), tokens, COST)
        assert (state.tokens, state.in_flight, state.waiting) == (60, 0, 1)
    assert (await ledger.reserve(call(1), COST)).state.tokens == 60
    assert totals(await other.bill("b")) == {"A": (1, 0, 60, 0)}


async def test_settlement_names_the_workflows_whose_calls_fit_now(ledgers: Ledgers) -> None:
    ledger, _ = ledgers
    await ledger.open("b", limits(300))
    await ledger.reserve(call(1, 200), COST)
    for number, tokens, workflow in [(2, 150, "small"), (3, 150, "small"), (4, 290, "large")]:
        waiting = await ledger.reserve(call(number, tokens, workflow=workflow), COST)
        assert (waiting.is_granted, waiting.state.wake) == (False, [])
        assert not waiting.state.is_exhausted  # call 1 may free some
    state = await ledger.settle(call(1, 200), 20, COST)
    assert (state.wake, state.is_exhausted, state.needed_tokens) == (["small"], False, 290)
    state = await ledger.raise_limits("b", limits(310, "0.5"), "large")
    assert (state.wake, state.wakes_caller) == (["small"], True)
    assert state.max_cost == 1  # it is only raised


async def test_budget_is_exhausted_when_calls_wait_and_none_is_in_flight(ledgers: Ledgers) -> None:
    ledger, _ = ledgers
    await ledger.open("b", limits(200))
    await ledger.reserve(call(1), COST)
    await ledger.reserve(call(2, 150), COST)
    assert (await ledger.settle(call(1), 100, COST)).is_exhausted
    assert not (await ledger.settle(call(2, 150), 0, COST)).is_exhausted  # it waits no more


async def test_lost_attempts_stay_on_the_bill_at_their_estimate(ledgers: Ledgers) -> None:
    ledger, _ = ledgers
    await ledger.open("b", limits(1_000))
    for attempt in (1, 2, 3):
        assert (await ledger.reserve(call(1), COST, attempt)).is_granted
    await ledger.settle(call(1), 30, COST * 3)
    await ledger.reserve(call(2, agent="B"), COST)
    await ledger.settle(call(2, agent="B"), 0, Decimal())
    await ledger.reserve(call(3, agent="C"), COST)  # never settled: its workflow was terminated
    bill = await ledger.bill("b")
    assert totals(bill) == {"A": (1, 2, 230, 200), "B": (0, 1, 100, 100), "C": (0, 1, 100, 100)}
    assert (bill.tokens, bill.cost) == (430, COST * 7)


async def test_attempt_without_room_is_not_granted(ledgers: Ledgers) -> None:
    ledger, _ = ledgers
    await ledger.open("b", limits(199))
    assert (await ledger.reserve(call(1), COST)).is_granted
    assert not (await ledger.reserve(call(1), COST, 2)).is_granted
    assert (await ledger.settle(call(1), 0, COST)).waiting == 0


async def test_budgets_are_apart(ledgers: Ledgers) -> None:
    ledger, _ = ledgers
    await ledger.open("b", limits(100))
    await ledger.open("c", limits(100))
    for each in (call(1), call(2).model_copy(update={"budget": "c"})):
        assert (await ledger.reserve(each, COST)).is_granted
    with pytest.raises(InvalidInput, match="no budget 'd'; the root workflow has to open it"):
        await ledger.reserve(call(3).model_copy(update={"budget": "d"}), COST)

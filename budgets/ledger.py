"""Keeps budgets in a database: a call is reserved before it is made, and settled afterwards."""

from durable_agents import InvalidInput
from durable_agents.database import Database

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from budgets.models import Bill, BillLine, BudgetState, Limits, PlannedCall, Reservation

DEFAULT_URL = f"sqlite:///{Path(__file__).parent / 'budgets.db'}"

SCHEMA = MetaData()
BUDGETS = Table(
    "budgets",
    SCHEMA,
    Column("id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("max_tokens", BigInteger, nullable=False),
    Column("max_cost", BigInteger, nullable=False),
)
# One row for each attempt of a call: an attempt whose answer is lost may have been paid.
CALLS = Table(
    "budget_calls",
    SCHEMA,
    Column("id", String, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("budget", String, nullable=False, index=True),
    Column("workflow_id", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("state", String(8), nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
)
# Not yet made; may be in flight; answered, at its real usage; failed or lost, at its estimate.
WAITING, RESERVED, ANSWERED, LOST = "waiting", "reserved", "answered", "lost"

SCALE = 12
"""Costs are stored as integers, in 10^-12 dollars, which add up exactly in every database."""


class Ledger:
    """The budgets of all trees of workflows. Repeating an operation changes nothing.

    Args:
        database: A database with the tables of `SCHEMA`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, budget: str, limits: Limits) -> None:
        """Create a budget, unless it exists."""
        row = {"id": budget, "version": 0, **_limits(limits)}
        async with self._database.transaction() as connection:
            await connection.execute(self._database.insert_new(BUDGETS, row))

    async def raise_limits(self, budget: str, limits: Limits, caller: str) -> BudgetState:
        """Raise the limits of a budget to those given; one that is higher already stays.

        `caller` is the id of the workflow that asks.
        """
        higher = {
            name: case((BUDGETS.c[name] < value, value), else_=BUDGETS.c[name])
            for name, value in _limits(limits).items()
        }
        async with self._locked(budget) as connection:
            await connection.execute(update(BUDGETS).where(BUDGETS.c.id == budget).values(higher))
            return await _state(connection, budget, caller)

    async def reserve(self, call: PlannedCall, cost: Decimal, attempt: int = 1) -> Reservation:
        """Reserve what an attempt of a call may cost, or let the call wait until that fits.

        Of two reservations at once, one is first and the other counts it. Repeat a reservation
        that was not granted when the budget's state says that the workflow's call fits.
        """
        row = {
            "id": call.id,
            "attempt": attempt,
            "budget": call.budget,
            "workflow_id": call.workflow_id,
            "agent": call.agent,
            "state": WAITING,
            "tokens": call.input_tokens + call.output_tokens,
            "cost": _to_units(cost),
        }
        mine = and_(CALLS.c.id == call.id, CALLS.c.attempt == attempt)
        grant = update(CALLS).where(mine, CALLS.c.state == WAITING, _fits(call.budget))
        async with self._locked(call.budget) as connection:
            await connection.execute(self._database.insert_new(CALLS, row))
            await connection.execute(grant.values(state=RESERVED))
            state = (await connection.execute(select(CALLS.c.state).where(mine))).scalar_one()
            budget = await _state(connection, call.budget, call.workflow_id)
        return Reservation(is_granted=state != WAITING, state=budget)

    async def settle(self, call: PlannedCall, tokens: int, cost: Decimal) -> BudgetState:
        """Replace the estimate of the attempt that answered by what it cost.

        Earlier attempts, and all attempts of a call without an answer, keep their estimates.

        Args:
            call: The call, which has ended.
            tokens: The tokens of its answer; 0 if there is none.
            cost: The dollars of its answer.
        """
        mine = CALLS.c.id == call.id
        reserved = and_(mine, CALLS.c.state == RESERVED)
        async with self._locked(call.budget) as connection:
            await connection.execute(delete(CALLS).where(mine, CALLS.c.state == WAITING))
            last = select(func.max(CALLS.c.attempt)).where(reserved)
            if tokens and (attempt := (await connection.execute(last)).scalar()):
                paid = {"state": ANSWERED, "tokens": tokens, "cost": _to_units(cost)}
                answered = update(CALLS).where(reserved, CALLS.c.attempt == attempt)
                await connection.execute(answered.values(paid))
            await connection.execute(update(CALLS).where(reserved).values(state=LOST))
            return await _state(connection, call.budget, call.workflow_id)

    async def bill(self, budget: str) -> Bill:
        """Return what was spent, by agent. A call that is still reserved counts as lost."""
        is_answered = CALLS.c.state == ANSWERED
        columns = [
            CALLS.c.agent,
            func.sum(case((is_answered, 1), else_=0)).label("calls"),
            func.sum(case((is_answered, 0), else_=1)).label("lost"),
            func.sum(CALLS.c.tokens).label("tokens"),
            func.sum(case((is_answered, 0), else_=CALLS.c.tokens)).label("lost_tokens"),
            func.sum(CALLS.c.cost).label("cost"),
        ]
        query = select(*columns).where(*_spent(budget)).group_by(CALLS.c.agent)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(CALLS.c.agent))).mappings().all()
        return Bill(lines=[BillLine(**{**row, "cost": _to_dollars(row["cost"])}) for row in rows])

    @asynccontextmanager
    async def _locked(self, budget: str) -> AsyncIterator[AsyncConnection]:
        """Yield a transaction that no other one on the same budget overlaps.

        The update locks the budget's row in PostgreSQL, and the file in SQLite.
        """
        step = update(BUDGETS).where(BUDGETS.c.id == budget).values(version=BUDGETS.c.version + 1)
        async with self._database.transaction() as connection:
            if not (await connection.execute(step)).rowcount:
                raise InvalidInput(f"no budget {budget!r}; the root workflow has to open it first")
            yield connection


def _spent(budget: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CALLS.c.budget == budget, CALLS.c.state != WAITING


def _fits(budget: str) -> ColumnElement[bool]:
    """Return the condition that a row of CALLS fits into what is left of a budget."""
    others = CALLS.alias()
    spent = others.c.budget == budget, others.c.state != WAITING

    def fits(amount: str, limit: str) -> ColumnElement[bool]:
        total = select(func.coalesce(func.sum(others.c[amount]), 0)).where(*spent)
        allowed = select(BUDGETS.c[limit]).where(BUDGETS.c.id == budget)
        return CALLS.c[amount] + total.scalar_subquery() <= allowed.scalar_subquery()

    return and_(fits("tokens", "max_tokens"), fits("cost", "max_cost"))


async def _state(connection: AsyncConnection, budget: str, caller: str) -> BudgetState:
    limits = select(BUDGETS).where(BUDGETS.c.id == budget)
    sums = select(
        func.coalesce(func.sum(CALLS.c.tokens), 0).label("tokens"),
        func.coalesce(func.sum(CALLS.c.cost), 0).label("cost"),
        func.coalesce(func.sum(case((CALLS.c.state == RESERVED, 1), else_=0)), 0).label("flying"),
    ).where(*_spent(budget))
    waiting = select(CALLS.c.workflow_id, CALLS.c.tokens, _fits(budget).label("fits")).where(
        CALLS.c.budget == budget, CALLS.c.state == WAITING
    )
    row = (await connection.execute(limits)).one()
    spent = (await connection.execute(sums)).one()
    waiters = (await connection.execute(waiting)).all()
    wake = {waiter.workflow_id for waiter in waiters if waiter.fits}
    return BudgetState(
        version=row.version,
        max_tokens=row.max_tokens,
        max_cost=_to_dollars(row.max_cost),
        tokens=spent.tokens,
        cost=_to_dollars(spent.cost),
        in_flight=spent.flying,
        waiting=len(waiters),
        needed_tokens=max((waiter.tokens for waiter in waiters), default=0),
        wake=sorted(wake - {caller}),
        wakes_caller=caller in wake,
    )


def _limits(limits: Limits) -> dict[str, int]:
    return {"max_tokens": limits.max_tokens, "max_cost": _to_units(limits.max_cost)}


def _to_units(dollars: Decimal) -> int:
    return int(dollars.scaleb(SCALE).to_integral_value(ROUND_CEILING))


def _to_dollars(units: int) -> Decimal:
    return Decimal(units).scaleb(-SCALE).normalize()

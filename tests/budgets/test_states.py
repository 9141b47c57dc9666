"""Workflows of a tree send each other the states of their budget."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from temporalio import workflow

from budgets.budget import Budget
from budgets.models import BudgetState


def state(version: int) -> BudgetState:
    return BudgetState(
        version=version,
        max_tokens=100,
        max_cost=Decimal(1),
        tokens=version,
        cost=Decimal(0),
        in_flight=0,
        waiting=0,
        needed_tokens=0,
        wake=[],
        wakes_caller=False,
    )


def test_older_state_that_arrives_late_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    info = SimpleNamespace(workflow_id="root", root=None, first_execution_run_id="run")
    monkeypatch.setattr(workflow, "info", lambda: info)
    budget = Budget()
    for version, latest in [(2, 2), (1, 2), (3, 3)]:
        budget.receive(state(version))
        assert budget.state == state(latest)

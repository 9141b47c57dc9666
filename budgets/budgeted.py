"""Base classes of workflows whose model calls a budget pays for."""

from temporalio import workflow

from budgets.budget import Budget
from budgets.models import BudgetState, Dollars, Duration, Tokens


class Budgeted:
    """A workflow of a tree: `BudgetPlugin` puts its model calls on the budget of the root."""

    def __init__(self) -> None:
        self.budget = Budget()

    @workflow.signal
    def budget_changed(self, state: BudgetState) -> None:
        """Receive a state from another workflow of the tree."""
        self.budget.receive(state)


class BudgetOwner(Budgeted):
    """The root of a tree: it opens the budget, and people raise it."""

    @workflow.query
    def get_budget(self) -> BudgetState | None:
        """Return the latest state; it `is_exhausted` while the run is paused."""
        return self.budget.state

    @workflow.update
    async def raise_budget(
        self,
        max_tokens: Tokens | None = None,
        max_cost: Dollars | None = None,
        max_time: Duration | None = None,
    ) -> BudgetState:
        """Raise limits to new totals, and continue a paused run; None keeps a limit.

        Raises:
            InvalidInput: A new limit is not higher than the current one, or all are None.
        """
        return await self.budget.raise_limits(max_tokens, max_cost, max_time)

    @raise_budget.validator
    def _validate_raise(
        self,
        max_tokens: Tokens | None = None,
        max_cost: Dollars | None = None,
        max_time: Duration | None = None,
    ) -> None:
        self.budget.raised(max_tokens, max_cost, max_time)

    @workflow.update
    def wrap_up(self) -> None:
        """End the run with what it has."""
        self.budget.wrap_up()

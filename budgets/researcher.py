"""A deep question, as a child workflow with its own history and the budget of its root."""

from agents import Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from budgets.budgeted import Budgeted
    from budgets.research_agents import deep_researcher


@workflow.defn
class ResearcherWorkflow(Budgeted):
    """Answers a question, with an agent that has another agent as a tool."""

    @workflow.run
    async def run(self, question: str, model: str | None) -> str:
        """Return the answer."""
        return (await Runner.run(deep_researcher(model), question)).final_output_as(str)

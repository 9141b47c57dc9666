"""Sub-agents as tools, each a child workflow with its own history, cancellation, and limits.

A sub-agent that fails, times out, or is cancelled is reported in one sentence to the lead's model,
which continues without it. When the lead closes, the parent close policy applies to those that run.
"""

from durable_agents import activity_tool, require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from sub_agents.activities.cities import look_up_city
    from sub_agents.children import shorten
    from sub_agents.models import Findings, ParentClosePolicyName, StepReport, SubAgent
    from sub_agents.reporting import StepReports
    from sub_agents.team import MAX_RESULT_LENGTH, MAX_TASK_LENGTH, Team


@workflow.defn
class ResearchAgent:
    """The sub-agent. It also runs alone, without a parent."""

    @workflow.run
    async def run(self, task: str) -> str:
        """Return the findings; raise ApplicationError (`NothingFound`) if there are none."""
        require_text(task, "task", max_length=MAX_TASK_LENGTH)
        agent = Agent(
            name="Researcher",
            instructions="Do the task. State only facts that your tool returned.",
            tools=[activity_tool(look_up_city)],
            output_type=Findings,
        )
        result = await Runner.run(agent, task, hooks=StepReports(DelegationWorkflow.report_step))
        findings = result.final_output_as(Findings)
        text = shorten(findings.text, MAX_RESULT_LENGTH)
        if not (findings.found and text.strip()):  # or the lead may take the text for facts
            raise ApplicationError(text, type="NothingFound", non_retryable=True)
        return text


@workflow.defn
class DelegationWorkflow:
    """Answers a question with the help of sub-agents."""

    @workflow.init
    def __init__(self, task: str, on_close: ParentClosePolicyName = "request_cancel") -> None:
        """Start without sub-agents."""
        self._team = Team(on_close)

    @workflow.run
    async def run(self, task: str, on_close: ParentClosePolicyName = "request_cancel") -> str:
        """Return the answer; raise InvalidInput if the task is empty or over 4,000 characters."""
        require_text(task, "task", max_length=MAX_TASK_LENGTH)
        description = "Have a researcher look into one city. Ask several in parallel."
        lead = Agent(
            name="Lead",
            instructions="Delegate research on each city. Then answer, and name what is missing.",
            tools=[self._team.tool(ResearchAgent.run, "ask_researcher", description)],
        )
        return (await Runner.run(lead, task)).final_output_as(str)

    @workflow.signal
    def report_step(self, report: StepReport) -> None:
        """Record a step of a sub-agent."""
        self._team.record(report)

    @workflow.query
    def get_team(self) -> list[SubAgent]:
        """Return the sub-agents, running and closed."""
        return self._team.members

"""A turn that continues as new before a model call: each tool runs once, and limits add up.

A conversation can continue as new between turns. A long turn cannot wait for its end, so it pauses
where nothing is pending and every tool call has its result, and continues in the next run.
"""

from durable_agents import InvalidInput

from typing import cast

from agents import Runner, TResponseInputItem
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from long_runs.inspection import MAX_REPORTS
    from long_runs.inspectors import FIRST_AGENT, build_agents
    from long_runs.models import ContinueInTurnReport, Inspection, TurnState
    from long_runs.pausing import PauseWhenLong, TurnPaused


@workflow.defn
class ContinueInTurnWorkflow:
    """Inspects bridges in one turn, over as many workflow runs as it needs."""

    @workflow.run
    async def run(self, items: int = 100, state: TurnState | None = None) -> ContinueInTurnReport:
        """Return the answer, with the totals of all runs.

        Args:
            items: Reports to read, from 1 to 300.
            state: The turn so far; only for a run that continues another.

        Raises:
            InvalidInput: `items` is out of range.
            MaxTurnsExceeded: All runs together made more than `3 * items + 5` model calls.
        """
        if not 1 <= items <= MAX_REPORTS:
            raise InvalidInput(f"items is {items:,}; give 1 to {MAX_REPORTS}")
        question = {"role": "user", "content": f"Inspect the bridges of reports 1 to {items}."}
        state = state or TurnState(agent=FIRST_AGENT, items=[question], context=Inspection())
        hooks = PauseWhenLong()
        try:
            result = await Runner.run(
                build_agents()[state.agent],
                cast(list[TResponseInputItem], state.items),
                context=state.context,
                hooks=hooks,
                max_turns=3 * items + 5 - state.turns,
            )
        except TurnPaused as paused:
            progress = {
                "agent": paused.agent,
                "items": paused.items,
                "runs": state.runs + 1,
                "turns": state.turns + hooks.turns,
                "tokens": state.tokens + paused.tokens,
            }
            workflow.continue_as_new(args=[items, state.model_copy(update=progress)])
        return ContinueInTurnReport(
            answer=result.final_output_as(str),
            agent=result.last_agent.name,
            urgent=state.context.urgent,
            runs=state.runs,
            turns=state.turns + hooks.turns,
            tokens=state.tokens + result.context_wrapper.usage.total_tokens,
        )

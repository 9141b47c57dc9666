"""One turn of 100 tool calls, with a history of 1 MB instead of 27 MB.

Each model call sends the whole conversation, so history grows with the square of the calls. The
agent below is an ordinary one; what keeps its history small is set in `techniques.py`.
"""

from durable_agents import activity_tool

from agents import Agent, Runner, TResponseInputItem
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from long_runs.activities import read_report
    from long_runs.history_meter import HistoryMeter
    from long_runs.history_size import check_turn
    from long_runs.inspection import earlier_conversation
    from long_runs.models import LongTurnReport, Technique


@workflow.defn
class LongTurnWorkflow:
    """Reads inspection reports, one tool call each, and names the urgent ones."""

    @workflow.run
    async def run(
        self, calls: int = 100, technique: Technique = "query", context_tokens: int = 0
    ) -> LongTurnReport:
        """Return the answer and the growth of the history.

        Args:
            calls: Reports to read, from 1 to 300.
            technique: The technique of the worker on this task queue; `techniques.py` sets it up.
            context_tokens: Tokens of an earlier conversation, from 0 to 250,000.

        Raises:
            InvalidInput: An argument is out of range, or the server would terminate the turn
                because its history would be too large.
        """
        check_turn(calls, technique, context_tokens)
        agent = Agent(
            name="Inspector",
            instructions="""
                Read the inspection reports with your tool, one at a time, in order. Then name the
                reports with an urgent verdict.
            """,
            tools=[activity_tool(read_report)],
        )
        question: TResponseInputItem = {"role": "user", "content": f"Read reports 1 to {calls}."}
        meter = HistoryMeter()
        result = await Runner.run(
            agent,
            [*earlier_conversation(context_tokens), question],
            hooks=meter,
            max_turns=calls + 2,
        )
        answer = result.final_output_as(str)
        return LongTurnReport(
            technique=technique, answer=answer, calls=calls, history_bytes=meter.sizes
        )

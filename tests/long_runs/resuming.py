"""A workflow that pauses its turn every two model calls, for test_resume_traps.py."""

from durable_agents import activity_tool

from typing import Any

from agents import (
    Agent,
    GuardrailFunctionOutput,
    InputGuardrail,
    ModelSettings,
    RunContextWrapper,
    RunHooks,
    Runner,
    TResponseInputItem,
)
from temporalio import workflow

from long_runs.activities import read_report
from long_runs.pausing import TurnPaused


class PauseEveryTwoCalls(RunHooks[Any]):
    def __init__(self) -> None:
        self.calls = 0

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        if self.calls == 2:
            raise TurnPaused(agent.name, list(input_items), 0)
        self.calls += 1


@workflow.defn(sandboxed=False)
class Resuming:
    """Runs one turn, in pieces."""

    @workflow.run
    async def run(self, tool_choice: str | None, by_response_id: bool) -> list[int]:
        """Return how many items each piece started with, and then the runs of the guardrail."""
        guarded: list[int] = []

        async def check(*_: object) -> GuardrailFunctionOutput:
            guarded.append(1)
            return GuardrailFunctionOutput(output_info=None, tripwire_triggered=False)

        agent = Agent(
            name="Reader",
            tools=[activity_tool(read_report)],
            model_settings=ModelSettings(tool_choice=tool_choice),
            input_guardrails=[InputGuardrail(guardrail_function=check)],
        )
        items: list[TResponseInputItem] = [{"role": "user", "content": "Read."}]
        sizes: list[int] = []
        while True:
            sizes.append(len(items))
            try:
                await Runner.run(
                    agent,
                    items,
                    hooks=PauseEveryTwoCalls(),
                    auto_previous_response_id=by_response_id,
                )
                return [*sizes, len(guarded)]
            except TurnPaused as paused:
                items = paused.items

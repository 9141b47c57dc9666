"""Build v2-patched of workflows/deploy.py: it also replays the turns that v1 has taken."""

from durable_agents import require_text
from durable_agents.messages import update_id

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from versioning.activities.stock import list_stock
    from versioning.models import MAX_MESSAGE_LENGTH, ChatState
    from versioning.turns import Turns


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class VersionedChatWorkflow:
    """Answers messages. A run stays on its version; the next run starts on the current one."""

    @workflow.init
    def __init__(self, state: ChatState | None = None) -> None:
        self._state = state or ChatState()  # replaced as a whole: a failed turn changes nothing
        self._turns = Turns()

    @workflow.run
    async def run(self, state: ChatState | None = None) -> int:
        """Return the number of answers. `state` comes from the run that this one continues."""
        await self._turns.wait_until_over()
        if not self._turns.is_closed:
            workflow.continue_as_new(
                self._state,
                initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
            )
        return self._state.turns

    @workflow.update
    async def ask(self, text: str) -> str:
        """Return the answer. If newer code is deployed, it answers: the message is resent."""
        if (answer := self._state.answers.get(update_id())) is not None:  # the message was resent
            return answer
        async with self._turns.next():
            return await self._answer(text)

    @ask.validator
    def _check_message(self, text: str) -> None:
        if update_id() not in self._state.answers:
            require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
            self._turns.check_open()

    async def _answer(self, text: str) -> str:
        instructions = "You give gardening advice in a sentence."
        if workflow.patched(f"stock-{self._state.turns}"):  # an id for each turn
            plants = await workflow.execute_activity(
                list_stock, start_to_close_timeout=timedelta(seconds=10)
            )
            instructions += f" In stock: {', '.join(plants)}."
        agent = Agent("Gardener", instructions=instructions)
        result = await Runner.run(agent, self._state.input_with(text))
        self._state = self._state.with_turn(result)
        return result.final_output_as(str)

    @workflow.signal
    def look_for_new_version(self) -> None:
        """Wake an idle chat: a workflow task lets it notice that newer code is deployed."""

    @workflow.update
    async def end(self) -> None:
        """Accept no more messages. The chat closes once the accepted ones are answered."""
        self._turns.close()

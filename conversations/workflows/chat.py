"""A durable chat: every message is answered exactly once, despite crashes and restarts."""

from durable_agents import require_text
from durable_agents.messages import following, update_id

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from conversations.limits import IDLE_TIMEOUT, MAX_MESSAGE_LENGTH
    from conversations.models import ChatState, Message
    from conversations.summary import summarize
    from conversations.turn_queue import TurnQueue


@workflow.defn
class ChatWorkflow:
    """Answers messages, one turn at a time, until the chat is ended or idle for a day."""

    @workflow.init
    def __init__(self, state: ChatState | None = None) -> None:
        self._state = state or ChatState()  # replaced as a whole: a failed turn changes nothing
        self._turns = TurnQueue(self._state.turns_per_run)

    @workflow.run
    async def run(self, state: ChatState | None = None) -> str:
        """Return a summary. `state` comes from the run that this one continues, if any."""
        async with self._turns:  # stops the turn if the workflow is cancelled
            await self._turns.wait_until_closed_or_full(IDLE_TIMEOUT)
            if not self._turns.is_closed:
                workflow.continue_as_new(self._state)
            await workflow.wait_condition(workflow.all_handlers_finished)
            return await summarize(self._state)

    @workflow.update
    async def ask(self, text: str) -> str:
        """Return the answer. If the turn fails or is stopped, the history is as before."""
        if (answer := self.find_answer(update_id())) is not None:  # the message was resent
            return answer
        return await self._turns.run(lambda: self._answer(text))

    @ask.validator
    def _check_message(self, text: str) -> None:
        if self.find_answer(update_id()) is None:
            require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
            self._turns.check_open()

    async def _answer(self, text: str) -> str:
        agent = Agent(
            "Gardener", instructions="""You give gardening advice in a sentence or two."""
        )
        result = await Runner.run(agent, text, run_config=following(self._state.items))
        self._state = self._state.with_turn(result)
        return result.final_output_as(str)

    @workflow.update
    async def stop(self) -> bool:
        """Cancel the turn in flight within a second; return whether one was stopped."""
        return await self._turns.stop()

    @workflow.update
    async def end(self) -> None:
        """Accept no more messages. The chat closes once the accepted ones are answered."""
        self._turns.close()

    @workflow.query
    def history(self) -> list[Message]:
        """Return the messages and answers; the oldest ones are dropped at 128 kB."""
        return self._state.messages()

    @workflow.query
    def find_answer(self, message_id: str) -> str | None:
        """Return the answer to one of the last 20 messages, also once the chat has closed."""
        return self._state.answers.get(message_id)

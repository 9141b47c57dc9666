"""A writer and a judge: drafts are revised until one passes, for three rounds at most."""

from durable_agents import InvalidInput

from agents import Agent, Runner, TResponseInputItem
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import Verdict

# Without a bound, a judge that is never satisfied costs tokens for ever.
MAX_ROUNDS = 3
SCORES = ["fail", "needs_improvement", "pass"]


@workflow.defn
class LLMAsAJudgeWorkflow:
    """Writes the outline of a story and has it judged."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return an outline that passed, or the best draft, and which of the two it is.

        Raises:
            InvalidInput: The message is empty.
        """
        if not msg.strip():
            raise InvalidInput("msg is empty: say what the story is to be about")
        writer = Agent(
            name="Outline writer",
            instructions="""
                Write a very short outline of the story that the user asks for.
                If there is feedback on a draft of yours, write a better one.
            """,
        )
        judge = Agent(
            name="Judge",
            instructions="Judge a draft of an outline: is it good enough? Say what to change.",
            output_type=Verdict,
        )
        conversation: list[TResponseInputItem] = [{"role": "user", "content": msg}]
        drafts: list[tuple[int, int, str]] = []
        for round_ in range(1, MAX_ROUNDS + 1):
            draft = (await Runner.run(writer, conversation)).final_output_as(str)
            judged = await Runner.run(judge, f"Asked for: {msg}\n\nDraft: {draft}")
            verdict = judged.final_output_as(Verdict)
            if verdict.score == "pass":
                return f"{draft}\n(Passed in round {round_}.)"
            drafts.append((SCORES.index(verdict.score), round_, draft))
            conversation.append({"role": "assistant", "content": draft})
            conversation.append({"role": "user", "content": f"Feedback: {verdict.feedback}"})
        # The best score; of several, the last draft: it has taken in the most feedback.
        score, round_, draft = max(drafts)
        note = f"No draft passed in {MAX_ROUNDS} rounds. This is the best one, of round {round_}"
        return f"{draft}\n({note}: {SCORES[score]}.)"

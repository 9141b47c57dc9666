"""LLM as a judge: revise a draft until a second agent accepts it, for at most three rounds."""

from durable_agents import require_text

from agents import Agent, Runner, TResponseInputItem
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import Verdict

# Without a limit, a judge that is never satisfied would consume tokens indefinitely.
MAX_ROUNDS = 3
SCORES = ["fail", "needs_improvement", "pass"]


@workflow.defn
class LLMAsAJudgeWorkflow:
    """Writes the outline of a story, and revises it with a judge's feedback."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the accepted outline, or the best draft with a note that none was accepted.

        Raises:
            InvalidInput: The message is empty.
        """
        require_text(msg, "msg")
        writer = Agent(
            name="Outline writer",
            instructions="""
                Write a very short outline of the story that the user asks for.
                If you get feedback on a draft, write a better one.
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
        # The best score wins. Of equal scores the last draft wins: it reflects more feedback.
        score, round_, draft = max(drafts)
        note = f"No draft passed in {MAX_ROUNDS} rounds. This is the best one, from round {round_}"
        return f"{draft}\n({note}: {SCORES[score]}.)"

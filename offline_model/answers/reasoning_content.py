"""Scripted answers for reasoning_content/."""

from offline_model.model_reply import Reply, reasoning, say, together
from offline_model.model_request import ModelRequest

REASONING = (
    "Tempting: 0.10. But then the bat costs 1.10, and together they cost 1.20.",
    "Let the ball cost x: x + (x + 1.00) = 1.10, so 2x = 0.10.",
)


def bat_and_ball(request: ModelRequest) -> Reply | None:
    """Answer with reasoning, unless the model's name contains "plain"."""
    if "Think the question through" not in request.instructions or "bat" not in request.user_text:
        return None
    answer = say("The ball costs 0.05.")
    if "plain" in request.model or not request.reasoning:
        return answer
    return together(reasoning(*REASONING), answer)


RULES = [bat_and_ball]

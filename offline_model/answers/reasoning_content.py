"""What the models say in reasoning_content/."""

from offline_model.model_reply import Reply, reasoning, say, together
from offline_model.model_request import ModelRequest

THOUGHTS = (
    "Tempting: 0.10. But then the bat is 1.10, and both are 1.20.",
    "Call the ball x: x + (x + 1.00) = 1.10, so 2x = 0.10.",
)


def bat_and_ball(seen: ModelRequest) -> Reply | None:
    """Think, and answer; a model called plain does not tell its thoughts."""
    if "Think the question through" not in seen.instructions or "bat" not in seen.user_text:
        return None
    answer = say("The ball costs 0.05.")
    if "plain" in seen.model or not seen.reasoning:
        return answer
    return together(reasoning(*THOUGHTS), answer)


RULES = [bat_and_ball]

"""The size of a turn's history: its limits, a prediction without a technique, and a table."""

from durable_agents import InvalidInput

from collections.abc import Iterator

from long_runs.inspection import CHARACTERS_PER_TOKEN, MAX_REPORTS, REPORT_CHARACTERS
from long_runs.models import LongTurnReport, Technique

MAX_CONTEXT_TOKENS = 250_000

SERVER_LIMIT_BYTES = 50 * 1024 * 1024
"""At this size, the server terminates a workflow (`limit.historySize.error`)."""

MAX_STOCK_BYTES = 45_000_000
"""A turn that is predicted to exceed this is not started."""

ITEM_BYTES = 350  # JSON of a tool call and its result, without the text
CALL_BYTES = 5_000  # events and schemas for each model call and tool call
SHOWN_CALLS = (1, 5, 10, 20, 25, 50, 75, 100, 150, 200, 250, 300)


def predict_stock(calls: int, context_tokens: int = 0) -> int:
    """Return the size of the history in bytes if every model call records its whole input."""
    results = (REPORT_CHARACTERS + ITEM_BYTES) * calls * (calls + 1) // 2
    context = CHARACTERS_PER_TOKEN * context_tokens * (calls + 1)
    return results + context + (REPORT_CHARACTERS + CALL_BYTES) * calls


def check_turn(calls: int, technique: Technique, context_tokens: int) -> None:
    """Raise InvalidInput if a number is out of range, or the server would terminate the turn."""
    if not 1 <= calls <= MAX_REPORTS:
        raise InvalidInput(f"calls is {calls:,}; give 1 to {MAX_REPORTS}")
    if not 0 <= context_tokens <= MAX_CONTEXT_TOKENS:
        raise InvalidInput(
            f"context_tokens is {context_tokens:,}; give 0 to {MAX_CONTEXT_TOKENS:,}"
        )
    size = predict_stock(calls, context_tokens)
    if technique == "stock" and size > MAX_STOCK_BYTES:
        raise InvalidInput(
            f"{calls:,} calls would need {size:,} bytes of history; the server terminates a "
            f"workflow at {SERVER_LIMIT_BYTES:,}. Choose another technique."
        )


def table(report: LongTurnReport, context_tokens: int = 0) -> Iterator[str]:
    """Yield the lines of a table: the history by calls, and the prediction without a technique."""
    yield f"{'calls':>5}  {report.technique:>12}  {'stock, predicted':>16}"
    for calls, size in enumerate(report.history_bytes):
        if calls in {*SHOWN_CALLS, report.calls}:
            stock = _kilobytes(predict_stock(calls, context_tokens))
            yield f"{calls:>5}  {_kilobytes(size):>12}  {stock:>16}"


def _kilobytes(size: int) -> str:
    return f"{size / 1000:,.0f} kB"

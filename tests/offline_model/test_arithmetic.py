"""Arithmetic in a question: found, worked out, and never run as code."""

import pytest

from offline_model.arithmetic import evaluate, expression_in


@pytest.mark.parametrize(
    ("text", "expression", "value"),
    [
        ("What is 17 times 23?", "17 * 23", 391),
        ("12,000 divided by (3+5)", "12000 / (3+5)", 1500),
        ("2^10 minus 24", "2 ** 10 - 24", 1000),
        ("20 percent of 50", "20 /100* 50", 10),
        ("the square root of 48 plus 1, please", "math.sqrt(48 + 1)", 7),
        ("-7 + 10 on page 3", "-7 + 10", 3),
    ],
)
def test_arithmetic_is_found_and_worked_out(text: str, expression: str, value: float) -> None:
    assert expression_in(text) == expression
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    "text",
    ["Hello", "20 °C", "at 12:00 on 2026-11-21", "7 / 0", "9**9**9", "version 1.2.3", "sqrt -4"],
)
def test_where_there_is_none_nothing_is_found(text: str) -> None:
    assert expression_in(text) is None


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "open('x')",
        "(1).real",
        "[1]",
        "1 if 1 else 2",
        "9**99",
        "(-1)**0.5",
        "(",
    ],
)
def test_nothing_else_is_worked_out(expression: str) -> None:
    with pytest.raises(ValueError, match=r"not arithmetic|out of bounds|cannot work out"):
        evaluate(expression)

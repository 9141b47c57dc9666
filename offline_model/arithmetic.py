"""Finds arithmetic in a text, and works it out: "What is 17 times 23?" gives 17 * 23, and 391."""

import ast
import math
import operator
import re
from collections.abc import Callable

_WORDS = {
    r"divided by": "/",
    r"multiplied by|times|\u00d7": "*",
    r"to the power of|\^": "**",
    r"squared": "**2",
    r"plus": "+",
    r"minus|\u2212": "-",
    r"percent of|% of": "/100*",
    r"(?:the )?square root of": "sqrt",
}
_EXPRESSION = re.compile(r"(?:sqrt )?(?:(?<!\S)-)?[\d(.][\d\s.()+\-*/]*[\d)]|sqrt [\d.]+|\d")
_LARGEST = 10**18
_MOST_POWER = 100

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def expression_in(text: str) -> str | None:
    """Return the longest arithmetic in a text as Python, if it can be worked out."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)|\d{4}-\d\d-\d\d", "", text)
    for words, sign in _WORDS.items():
        text = re.sub(rf"\s*(?:{words})\s*", f" {sign} ", text)
    found = (" ".join(part.split()) for part in _EXPRESSION.findall(text))
    roots = (re.sub(r"sqrt (.+)", r"math.sqrt(\1)", part) for part in found)
    candidates = (part for part in roots if re.search(r"\d\s*[+\-*/)]", part))
    return next((part for part in sorted(candidates, key=len)[::-1] if _works(part)), None)


def evaluate(expression: str) -> float:
    """Work out an expression of numbers, + - * / // **, brackets, and `math.sqrt`.

    Raises:
        ValueError: It is anything else, or its numbers grow too large.
    """
    try:
        return _value(ast.parse(expression, mode="eval").body)
    except (ArithmeticError, SyntaxError) as error:
        raise ValueError(f"cannot work out {expression!r}: {error}") from error


def _works(expression: str) -> bool:
    try:
        evaluate(expression)
    except ValueError:
        return False
    return True


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _bounded(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _value(left), _value(right)
            if abs(power) > _MOST_POWER or (base < 0 and not float(power).is_integer()):
                raise ValueError("a power that is out of bounds")
            return _bounded(base**power)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="math"), attr="sqrt"), args=[each], keywords=[]
        ):
            return math.sqrt(_value(each))
    raise ValueError(f"not arithmetic: {ast.unparse(node)}")


def _bounded(value: float) -> float:
    if abs(value) > _LARGEST:
        raise ValueError("a number that is out of bounds")
    return value

"""What a workflow's run method and handlers take: type hints and names of their arguments.

Temporal drops the hints of a whole call when a client leaves out a defaulted argument, and its
converters never see a name. Both are read from the signatures here.
"""

from durable_agents.errors import InvalidInput

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from inspect import Parameter, Signature, signature
from typing import Any, Literal

from temporalio import workflow
from temporalio.workflow import _Definition

update_accepted: ContextVar[bool] = ContextVar("update_accepted", default=False)
"""Set once an update's handler runs: from then on, decoding is the handler's own business."""

_names: ContextVar[Sequence[str]] = ContextVar("_names", default=())


def handler(kind: Literal["signals", "updates"], name: str) -> Callable[..., Any] | None:
    """Return the method that handles a signal or update; None for dynamic and run-time handlers.

    `workflow.get_update_handler` would return a wrapper without the method's signature.
    """
    handlers = getattr(_Definition.must_from_class(type(workflow.instance())), kind)
    return handlers[name].fn if name in handlers else None


def checked_arguments(method: Callable[..., Any] | None, arguments: Sequence[Any]) -> Sequence[Any]:
    """Return `arguments` as `method` declares them, also where Temporal dropped the hints.

    Raises:
        InvalidInput: They do not fit `method`; names the argument and what would be right.
    """
    if method is None:
        return arguments
    names, hints = _declared(method, len(arguments))
    if len(hints) == len(_parameters(method).parameters):
        return arguments  # the converter has seen the hints
    converter = workflow.payload_converter()
    token = _names.set(names)
    try:
        return converter.from_payloads(converter.to_payloads(arguments), hints)
    finally:
        _names.reset(token)


def hints_of_pending_update(count: int) -> list[Any]:
    """Return the hints that Temporal drops when an update leaves out defaulted arguments."""
    method = _pending_update()
    return _declared(method, count)[1] if method else []


def argument_name(position: int) -> str:
    """Return the name of the argument that is being decoded, if it is known.

    It is not while a workflow starts: Temporal decodes before there is a workflow to ask.
    """
    names = _names.get()
    if not names and (method := _pending_update()):
        names = list(_parameters(method).parameters)
    return names[position] if position < len(names) else ""


def _pending_update() -> Callable[..., Any] | None:
    """Return the handler of the update whose arguments are being decoded."""
    update = workflow.current_update_info()
    if update is None or update_accepted.get():
        return None
    return handler("updates", update.name)


def _declared(method: Callable[..., Any], count: int) -> tuple[list[str], list[Any]]:
    """Return the names and type hints of the first `count` arguments of `method`.

    Raises:
        InvalidInput: `method` cannot be called with `count` arguments.
    """
    taken = _parameters(method)
    try:
        given = taken.bind(*[None] * count).arguments
    except TypeError as error:
        raise InvalidInput(f"{error}; the arguments are {taken}") from None
    hints = [taken.parameters[name].annotation for name in given]
    return list(given), [Any if hint is Parameter.empty else hint for hint in hints]


def _parameters(method: Callable[..., Any]) -> Signature:
    """Return the signature of `method` without `self`."""
    taken = signature(method, eval_str=True)
    return taken.replace(parameters=list(taken.parameters.values())[1:])

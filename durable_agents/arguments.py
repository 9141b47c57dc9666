"""Checks what clients send to a run, its signals, and its updates against the methods' signatures.

Temporal drops all type hints if a client leaves out a defaulted argument, calls methods with too
few or too many arguments, and does not name an argument that it cannot decode. Interceptors come
too late to fix this: `@workflow.init` runs, and an update without a validator is accepted, before
an interceptor sees the arguments.
"""

from durable_agents.errors import InvalidInput
from durable_agents.payloads import decode

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from inspect import signature
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.api.common.v1 import Payload


def check_arguments() -> None:
    """Decode the arguments of the current run and its handlers with `decode_arguments`.

    An invalid start fails the workflow, an invalid update is rejected without an event, and an
    invalid signal is logged and dropped. Dynamic workflows and handlers still receive raw values.
    """

    # Private API of temporalio: how a run finds its methods and converts their arguments.
    def checked(definition: Any, method: Callable[..., Any]) -> Any:
        if not definition.name:  # dynamic
            return definition
        return replace(definition, arg_types=partial(decode_arguments, method))

    def convert_checked(payloads: Sequence[Payload], hints: Any, converter: Any) -> Any:
        if not isinstance(hints, partial):
            return convert(payloads, hints, converter)
        try:
            return hints(payloads)
        except InvalidInput as error:
            if hints is run._defn.arg_types:  # not those of a handler
                run._object = _RejectedRun(error)
            raise

    run: Any = workflow._Runtime.current()
    run._defn = checked(run._defn, run._defn.run_fn)
    for handlers in (run._signals, run._updates):
        handlers.update({name: checked(handler, handler.fn) for name, handler in handlers.items()})
    convert, run._convert_payloads = run._convert_payloads, convert_checked


class _RejectedRun:
    """Takes the place of a workflow whose arguments were rejected: queries fail with the reason.

    Without an instance, temporalio fails the workflow task that a query comes with. The server then
    retries it, and the workflow stays open for as long as queries come.
    """

    def __init__(self, reason: InvalidInput) -> None:
        self._reason = reason

    def __getattr__(self, name: str) -> NoReturn:
        raise self._reason


def decode_arguments(method: Callable[..., Any], payloads: Sequence[Payload]) -> list[Any]:
    """Return the arguments of a method, decoded as its signature declares.

    Raises:
        InvalidInput: An argument is missing, superfluous, or does not fit; names it.
    """
    declared = signature(partial(method, None), eval_str=True)
    try:
        declared.bind(*payloads)
    except TypeError as error:
        raise InvalidInput(f"{error}; the arguments are {declared}") from None
    parameters = list(declared.parameters.values())
    parameters += parameters[-1:] * (len(payloads) - len(parameters))  # *args
    return [
        decode(payload, None if p.annotation is p.empty else p.annotation, p.name)
        for payload, p in zip(payloads, parameters, strict=False)
    ]

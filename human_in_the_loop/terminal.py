"""Decides on pending calls at a terminal, by an option, or by rules that show every verdict."""

from durable_agents import query_if_available

import asyncio
import sys
from contextlib import suppress

import typer
from pydantic import JsonValue, TypeAdapter, ValidationError

from human_in_the_loop.deciding import DecisionRefused, Handle, decide
from human_in_the_loop.models import MAX_MESSAGE_LENGTH, DecisionRequest, Outcome, PendingCall
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow

POLL_INTERVAL = 0.2  # seconds
MAX_REFUND = 10_000  # euro cents; the rule without a terminal
ARGUMENTS = TypeAdapter(dict[str, JsonValue])


async def decide_until_done(handle: Handle, approve: bool | None, by: str) -> Outcome:
    """Decide on each call that becomes pending, and return the result of the workflow.

    Args:
        handle: The workflow.
        approve: The decision on every call. None asks at the terminal; if there is none, refunds
            are limited to EUR 100, vouchers are rejected, and everything else is approved.
        by: The name of the person who decides.
    """
    result = asyncio.ensure_future(handle.result())
    while not (await asyncio.wait([result], timeout=POLL_INTERVAL))[0]:
        pending = await query_if_available(handle, ApprovalsWorkflow.get_pending_approvals)
        for call in pending or []:
            await _decide(handle, call, approve, by)
    return await result


async def _decide(handle: Handle, call: PendingCall, approve: bool | None, by: str) -> None:
    # A model's text may contain terminal control codes.
    arguments = "".join(c for c in call.arguments if c.isprintable())
    print(f"{call.agent} wants to call {call.tool} with {arguments}")
    asking = approve is None and sys.stdin.isatty()
    try:
        request = _ask(call, by) if asking else _decide_by_rule(call, approve, by)
        print(f"  {await decide(handle, request)}")
    except ValidationError as error:
        print(f"  Not sent: {error.errors()[0]['msg']}")
    except DecisionRefused as refused:
        print(f"  Not accepted: {refused}")
        if not asking and refused.kind == "InvalidInput":  # the same edit would fail again
            with suppress(DecisionRefused):
                print(f"  {await decide(handle, _reject(call, str(refused), by))}")


def _decide_by_rule(call: PendingCall, approve: bool | None, by: str) -> DecisionRequest:
    if approve is False:
        return _reject(call, "", by)
    if approve is None and call.tool == "issue_voucher":
        return _reject(call, "No vouchers this month.", by)
    if approve is None and call.tool == "refund":
        with suppress(ValidationError):  # malformed: the tool reports it to the model
            arguments = ARGUMENTS.validate_json(call.arguments)
            cents = arguments.get("cents")
            if isinstance(cents, int) and cents > MAX_REFUND:
                return _edit(call, {**arguments, "cents": MAX_REFUND}, by)
    return _approve(call, by)


def _ask(call: PendingCall, by: str) -> DecisionRequest:
    answer = ""
    while answer not in ("a", "e", "r"):
        answer = typer.prompt("  Approve, edit, or reject? [a/e/r]").strip().lower()[:1]
    if answer == "a":
        return _approve(call, by)
    if answer == "e":
        edited = typer.prompt("  Arguments", default=call.arguments)
        return _edit(call, ARGUMENTS.validate_json(edited), by)
    return _reject(call, typer.prompt("  Message to the agent", default=""), by)


def _approve(call: PendingCall, by: str) -> DecisionRequest:
    return DecisionRequest(id=call.id, digest=call.digest, verdict="approve", by=by)


def _edit(call: PendingCall, arguments: dict[str, JsonValue], by: str) -> DecisionRequest:
    return DecisionRequest(
        id=call.id, digest=call.digest, verdict="edit", edited_arguments=arguments, by=by
    )


def _reject(call: PendingCall, message: str, by: str) -> DecisionRequest:
    return DecisionRequest(
        id=call.id,
        digest=call.digest,
        verdict="reject",
        message=message[:MAX_MESSAGE_LENGTH],
        by=by,
    )

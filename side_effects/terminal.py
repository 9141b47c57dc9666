"""Decides on second payments, at a terminal or by a command-line option."""

from durable_agents import WorkflowClosed, query_if_available, update_reliably
from durable_agents.terminal import read_line

import asyncio
import sys
from contextlib import suppress

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from side_effects.models import ConsentRequest, PaymentReport
from side_effects.workflows.payment import PaymentWorkflow

POLL_INTERVAL = 0.2  # seconds

Handle = WorkflowHandle[PaymentWorkflow, PaymentReport]


async def decide_until_done(handle: Handle, allow: bool | None, by: str) -> PaymentReport:
    """Decide on each second payment, and return the result of the workflow.

    Args:
        handle: The workflow.
        allow: The decision. None asks at the terminal, and refuses if there is none.
        by: The name of the person who decides.
    """
    result = asyncio.ensure_future(handle.result())
    while not (await asyncio.wait([result], timeout=POLL_INTERVAL))[0]:
        requests = await query_if_available(handle, PaymentWorkflow.get_consent_requests)
        for request in requests or []:
            try:
                allowed = await _is_allowed(request, allow)
                await update_reliably(handle, PaymentWorkflow.decide, request.id, allowed, by)
            except WorkflowClosed:
                print("Too late: the workflow has finished.")
            except WorkflowUpdateFailedError as error:
                print(f"Decision not accepted: {error.cause}")
    return await result


async def _is_allowed(request: ConsentRequest, allow: bool | None) -> bool:
    print(f"The model wants to pay {request.intent} a second time: {request.reason}")
    if allow is None and sys.stdin.isatty():
        with suppress(EOFError):
            return (await read_line("Allow? [y/N] ")).lower() in ("y", "yes")
    print("Allowed." if allow else "Refused.")
    return bool(allow)


def show(report: PaymentReport) -> None:
    """Print the answer, the decisions, and the provider's ledger."""
    print(report.answer)
    for consent in report.consents:
        print(consent)
    if report.statement is None:
        print("The provider's ledger could not be read.")
    else:
        print("In the provider's ledger:", "; ".join(report.statement) or "no charges")

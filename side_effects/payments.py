"""The payments of one workflow: one for each intent, and one more for each consent."""

from durable_agents import InvalidInput, root_cause

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

from agents import FunctionTool, function_tool
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from side_effects.activities.payments import PaymentActivities
from side_effects.intents import effect_key
from side_effects.models import Consent, ConsentRequest, Intent
from side_effects.provider import Declined

LOOKUP_TIMEOUT = timedelta(seconds=10)
CHARGE_TIMEOUT = timedelta(seconds=10)
CHARGE_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_attempts=2)
MAX_CONSENTS = 10


class Payments:
    """Pays what the model asks for; asks a person before it pays the same a second time.

    Attributes:
        consents: The decisions, in order.
        pending: The requests without a decision, by id.
    """

    def __init__(self) -> None:
        self.consents: list[Consent] = []
        self.pending: dict[str, ConsentRequest] = {}
        self._allowed: dict[Intent, int] = defaultdict(lambda: 1)  # payments of each intent
        self._one_at_a_time: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._timeout = timedelta()

    def tools(self, consent_timeout: timedelta) -> list[FunctionTool]:
        """Return the tools; no decision within the timeout counts as a refusal."""
        self._timeout = consent_timeout
        return [
            function_tool(self.pay, failure_error_function=None),
            function_tool(self.request_second_payment, failure_error_function=None),
        ]

    async def pay(self, recipient: str, amount: str) -> str:
        """Pay somebody an amount of euros, once. Call it again to find out its outcome.

        Args:
            recipient: The name of the payee.
            amount: The amount, such as "12.50".
        """
        intent = await self._resolve(recipient, amount)
        return intent if isinstance(intent, str) else await self._charge(intent)

    async def request_second_payment(self, recipient: str, amount: str, reason: str) -> str:
        """Ask a person to allow one more payment of the same amount to the same payee.

        Args:
            recipient: The name of the payee.
            amount: The amount, such as "12.50".
            reason: Why it should be paid again, in a sentence.
        """
        intent = await self._resolve(recipient, amount)
        if isinstance(intent, str):
            return intent
        consent = await self._ask(intent, reason[:1_000])
        if not consent.allowed:
            return f"was not done: {consent}"
        self._allowed[intent] += 1
        return await self._charge(intent)

    async def _resolve(self, recipient: str, amount: str) -> Intent | str:
        """Return the intent, or why there is none, for the model."""
        try:
            return await workflow.execute_activity_method(
                PaymentActivities.resolve_intent,
                args=[recipient, amount],
                start_to_close_timeout=LOOKUP_TIMEOUT,
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return f"was not done: {root_cause(error).message}"

    async def _charge(self, intent: Intent) -> str:
        """Make the payment, or find the receipt of the one that was made; return what is known."""
        owner, number = workflow.info().workflow_id, self._allowed[intent]
        key = effect_key(owner, "charge", intent.account, intent.cents, number)
        try:
            async with self._one_at_a_time[key]:
                charge = await workflow.execute_activity_method(
                    PaymentActivities.charge_once,
                    args=[key, intent],
                    start_to_close_timeout=CHARGE_TIMEOUT,
                    retry_policy=CHARGE_RETRIES,
                )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            cause = root_cause(error)
            if cause.type == Declined.__name__:
                return f"was not done: {cause.message}"
            return (
                f"has an unknown outcome, it may have been paid: {cause.message}. "
                "Call pay again with the same payee and amount to find out: it never pays twice."
            )
        if charge.is_new:
            return f"{intent} was paid, receipt {charge.receipt}."
        return (
            f"{intent} was paid before, receipt {charge.receipt}; nothing was charged now. "
            "If it must be paid a second time, use request_second_payment."
        )

    async def _ask(self, intent: Intent, reason: str) -> Consent:
        """Wait for a person's decision. The wait is durable: workers may restart."""
        number = len(self.consents) + len(self.pending)
        request = ConsentRequest(id=f"consent-{number + 1}", intent=intent, reason=reason)
        if number >= MAX_CONSENTS:
            limit = f"{MAX_CONSENTS} second payments were requested before, which is the limit"
            return Consent(request=request, allowed=False, by=None, because=limit)
        self.pending[request.id] = request
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: request.id not in self.pending, timeout=self._timeout
            )
        if request.id in self.pending:
            return self._record(request.id, allowed=False, by=None)
        return next(each for each in self.consents if each.request.id == request.id)

    def check(self, id: str) -> None:
        """Raise InvalidInput if no request with this id is pending."""
        for consent in self.consents:
            if consent.request.id == id:
                raise InvalidInput(f"request {id!r} is decided. {consent}")
        if id not in self.pending:
            raise InvalidInput(f"request {id!r} is not pending; see get_consent_requests")

    def decide(self, id: str, allowed: bool, by: str) -> Consent:
        """Record a decision on a pending request, and return it."""
        return self._record(id, allowed=allowed, by=by)

    def _record(self, id: str, *, allowed: bool, by: str | None) -> Consent:
        self.consents.append(Consent(request=self.pending.pop(id), allowed=allowed, by=by))
        return self.consents[-1]


async def read_statement() -> list[str] | None:
    """Return the provider's ledger of this workflow; None if it cannot be read.

    The payments are made by then: a run that failed for its report would invite another one.
    """
    try:
        return await workflow.execute_activity_method(
            PaymentActivities.read_statement,
            workflow.info().workflow_id,
            start_to_close_timeout=LOOKUP_TIMEOUT,
            retry_policy=RetryPolicy(maximum_attempts=10),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return None

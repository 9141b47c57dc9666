"""One charge even if the model plans again: a payment is keyed by its facts, and claimed first.

A second payment of the same amount to the same payee needs a person's consent.
"""

from durable_agents import InvalidInput, require_text

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from side_effects.models import Consent, ConsentRequest, PaymentReport, PersonName
    from side_effects.payments import Payments, read_statement

MAX_CONSENT_TIMEOUT = timedelta(days=365)


@workflow.defn
class PaymentWorkflow:
    """Makes the payments that a request asks for, each once."""

    def __init__(self) -> None:
        self._payments = Payments()

    @workflow.run
    async def run(
        self, request: str, consent_timeout: timedelta = timedelta(minutes=5)
    ) -> PaymentReport:
        """Return the answer, the decisions, and the provider's ledger.

        Raises:
            InvalidInput: `request` is empty or exceeds 4,000 characters, or `consent_timeout` is
                not positive or exceeds a year.
        """
        require_text(request, "request", max_length=4_000)
        if not timedelta() < consent_timeout <= MAX_CONSENT_TIMEOUT:
            raise InvalidInput(
                f"consent_timeout is {consent_timeout}; it must be positive and at most 365 days"
            )
        agent = Agent(
            name="Accounts clerk",
            instructions="""
                Make the payments that you are asked for. If the outcome of one is unknown, find
                out before you report it. Report each payment with its receipt.
            """,
            tools=[*self._payments.tools(consent_timeout)],
        )
        result = await Runner.run(agent, request)
        return PaymentReport(
            answer=result.final_output_as(str),
            consents=self._payments.consents,
            statement=await read_statement(),
        )

    @workflow.query
    def get_consent_requests(self) -> list[ConsentRequest]:
        """Return the second payments that wait for a person's decision."""
        return list(self._payments.pending.values())

    @workflow.update
    def decide(self, request_id: str, allowed: bool, by: PersonName) -> Consent:
        """Allow or refuse a second payment."""
        return self._payments.decide(request_id, allowed, by)

    @decide.validator
    def _validate_decision(self, request_id: str, allowed: bool, by: PersonName) -> None:
        self._payments.check(request_id)

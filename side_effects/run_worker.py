"""Run the worker of this topic, with its claims and its providers."""

from durable_agents import connect, run, serve
from durable_agents.database import Database, DatabasePlugin

from datetime import timedelta

from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker

from side_effects import TASK_QUEUE
from side_effects.activities.bookings import BookingActivities
from side_effects.activities.payments import PaymentActivities
from side_effects.claims import DEFAULT_URL, SCHEMA, Claims
from side_effects.local_provider import LocalBookings, LocalServer, payment_provider
from side_effects.workflows.payment import PaymentWorkflow
from side_effects.workflows.trip import TripWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    database, server = Database.from_environment(DEFAULT_URL, SCHEMA), LocalServer()
    payments = PaymentActivities(Claims(database), payment_provider(server))
    bookings = BookingActivities(LocalBookings(server))
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[PaymentWorkflow, TripWorkflow],
        activities=[
            *(payments.resolve_intent, payments.charge_once, payments.read_statement),
            *(bookings.find_offers, bookings.book_offer, bookings.cancel_booking),
            bookings.read_bookings,
        ],
        plugins=[
            DatabasePlugin(database),
            SimplePlugin("side-effects.provider", run_context=server.open),
        ],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C. `DATABASE_URL` selects the database of the claims."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)

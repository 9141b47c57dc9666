"""Invalid arguments are rejected at the boundary and never fail another client's workflow."""

from durable_agents import InvalidInput, connect
from durable_agents.arguments import decode_arguments
from durable_agents.payloads import StrictPayloadConverter

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from tests.durable_agents.shop import Address, Order, Shop, Stall
from tests.harness.runs import RunRecorder
from tests.harness.workers import check, failure_of, promptly

QUEUE = "test-arguments"
PEN = {"item": "pen"}


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    recorder = RunRecorder()
    client = await connect(register_activities=False, interceptors=[recorder])
    async with Worker(client, task_queue=QUEUE, workflows=[Shop, Stall]) as worker:
        yield client
    histories = [await run.fetch_history() for run in recorder.handles(client, QUEUE)]
    await check(histories, client, worker)


async def open_shop(client: Client, *arguments: object) -> WorkflowHandle[Shop, str]:
    shop = await client.start_workflow(
        "Shop", args=arguments or [PEN], id=f"shop-{uuid4()}", task_queue=QUEUE, result_type=str
    )
    assert await shop.query("is_open")
    return shop


async def closed(shop: WorkflowHandle[Shop, str]) -> str:
    await shop.signal(Shop.close)
    return await shop.result()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([{}, None, 0], "first.item: Field required"),
        ([{"item": 7}, None, 0], "first.item: Input should be a valid string"),
        (
            [{"item": "pen", "quantity": 0}, None, 0],
            "first.quantity: Input should be greater than or equal to 1",
        ),
        (["pen", None, 0], "first: Input should be an object"),
        ([None, None, 0], "first: Input should be an object"),
        ([PEN, {"street": "Main"}, 0], "address.number: Field required"),
        ([PEN, "Main 1", 0], "address: Input should be an object"),
        ([PEN, None, "many"], "rounds: Input should be a valid integer"),
        ([PEN, None, None], "rounds: Input should be a valid integer"),
        # Arguments with defaults left out: Temporal drops the type hints of the others.
        ([{}], "first.item: Field required"),
        ([PEN, {"street": "Main"}], "address.number: Field required"),
        ([], "missing a required argument: 'first'"),
        ([PEN, None, 0, "extra"], "too many positional arguments"),
    ],
)
async def test_invalid_start_fails_the_workflow_and_names_the_field(
    client: Client, arguments: list[object], message: str
) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await client.execute_workflow("Shop", args=arguments, id=f"{uuid4()}", task_queue=QUEUE)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidInput"
    assert cause.non_retryable
    assert message in cause.message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([PEN, 0, "extra"], "too many positional arguments; the arguments are (first:"),
        ([], "missing a required argument: 'first'"),
        ([{}], "first.item: Field required"),
        ([PEN, "many"], "rounds: Input should be a valid integer"),
    ],
)
async def test_invalid_start_fails_a_workflow_with_init(
    client: Client, arguments: list[object], message: str
) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await client.execute_workflow("Stall", args=arguments, id=f"{uuid4()}", task_queue=QUEUE)
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert message in failure.value.cause.message


async def test_query_of_a_rejected_start_fails_with_the_reason() -> None:
    client, queue = await connect(register_activities=False), f"{QUEUE}-{uuid4()}"
    rejected = await client.start_workflow("Shop", args=[{}], id=queue, task_queue=queue)
    query = asyncio.create_task(rejected.query("is_open"))  # comes with the first workflow task
    await rejected.describe()  # now the server has the query
    async with Worker(client, task_queue=queue, workflows=[Shop, Stall]) as worker:
        cause = await promptly(failure_of(rejected.result()), "the workflow")
        with suppress(RPCError, WorkflowQueryFailedError):  # the server may drop it
            await query
        with pytest.raises(WorkflowQueryFailedError, match=r"first\.item: Field required"):
            await rejected.query("is_open")
        await check([await rejected.fetch_history()], client, worker)
    assert cause.message == "first.item: Field required"


async def test_invalid_signal_with_the_start_is_dropped(client: Client) -> None:
    shop = await client.start_workflow(
        Shop.run,
        Order(item="pen"),
        id=f"{uuid4()}",
        task_queue=QUEUE,
        start_signal="order",
        start_signal_args=[{}],
    )
    assert await promptly(closed(shop), "the workflow") == "pen to nowhere"


async def test_init_receives_arguments_as_their_types(client: Client) -> None:
    result = client.execute_workflow("Stall", args=[PEN], id=f"{uuid4()}", task_queue=QUEUE)
    assert await result == "pen"


def test_every_variadic_argument_is_checked() -> None:
    def add(self: object, first: int, *others: int) -> None: ...

    payloads = StrictPayloadConverter().to_payloads([1, 2, "three"])
    assert decode_arguments(add, payloads[:2]) == [1, 2]
    with pytest.raises(InvalidInput, match="others: Input should be a valid integer"):
        decode_arguments(add, payloads)


async def test_failure_omits_the_values_sent(client: Client) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await client.execute_workflow(
            "Shop", args=[{"item": {"password": "hunter2"}}], id=f"{uuid4()}", task_queue=QUEUE
        )
    assert "hunter2" not in str(failure.value.cause)


@pytest.mark.parametrize(
    "arguments",
    [
        [PEN],
        [PEN, None],
        [PEN, {"street": "Main", "number": 1}],
        [Order(item="pen", quantity=2), Address("Main", 1), 0],
    ],
)
async def test_valid_arguments_arrive_as_their_types(
    client: Client, arguments: list[object]
) -> None:
    street = "Main" if len(arguments) > 1 and arguments[1] else "nowhere"
    assert await closed(await open_shop(client, *arguments)) == f"pen to {street}"


async def test_arguments_survive_continue_as_new(client: Client) -> None:
    shop = await open_shop(client, PEN, {"street": "Main", "number": 1}, 1)
    description = await shop.describe()
    while description.run_id == shop.first_execution_run_id:
        description = await client.get_workflow_handle(shop.id).describe()
    assert await closed(client.get_workflow_handle_for(Shop.run, shop.id)) == "pen to Main"


INVALID_UPDATES = [
    ([{}, True], "order.item: Field required"),
    ([PEN, "perhaps"], "gift: Input should be a valid boolean"),
    ([{}], "order.item: Field required"),
    ([PEN, True, 3], "too many positional arguments"),
]


@pytest.mark.parametrize("update", ["add", "add_checked"])
@pytest.mark.parametrize(("arguments", "message"), INVALID_UPDATES)
async def test_invalid_update_is_rejected_and_leaves_no_event(
    client: Client, update: str, arguments: list[object], message: str
) -> None:
    shop = await open_shop(client)
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await shop.execute_update(update, args=arguments)
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert message in failure.value.cause.message
    assert await closed(shop) == "pen to nowhere"
    assert update_events(await kinds(shop)) == 0


async def test_update_without_its_arguments_is_rejected_and_leaves_no_event(
    client: Client,
) -> None:
    shop = await open_shop(client)
    for update in ("add", "add_checked"):
        with pytest.raises(WorkflowUpdateFailedError, match="Workflow update failed") as failure:
            await shop.execute_update(update, args=[])
        assert "missing a required argument: 'order'" in str(failure.value.cause)
    assert await closed(shop) == "pen to nowhere"
    assert update_events(await kinds(shop)) == 0


async def test_valid_updates_with_and_without_defaults_are_handled(client: Client) -> None:
    shop = await open_shop(client)
    assert await shop.execute_update("add", args=[{"item": "ink"}]) == 2
    assert await shop.execute_update("add", args=[{"item": "cap"}, True]) == 3
    assert await shop.execute_update("add_checked", args=[{"item": "nib"}]) == 4
    with pytest.raises(WorkflowUpdateFailedError):
        await shop.execute_update("add_checked", args=[{"item": "moon"}])
    assert await shop.execute_update("decode", args=[1]) == "text"
    assert await closed(shop) == "pen, ink, cap, nib to nowhere"


@pytest.mark.parametrize("arguments", [[{}, True], ["pen", True], [{}], [], [PEN, True, 3]])
async def test_invalid_signal_is_dropped_and_logged(
    client: Client, arguments: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    shop = await open_shop(client)
    with caplog.at_level(logging.WARNING):
        await shop.signal("order", args=arguments)
        await shop.signal("order", args=[{"item": "ink"}])
        assert await closed(shop) == "pen, ink to nowhere"
    assert "order" in caplog.text
    assert "drop" in caplog.text


async def kinds(shop: WorkflowHandle[Shop, str]) -> list[EventType.ValueType]:
    return [event.event_type for event in (await shop.fetch_history()).events]


def update_events(kinds: list[EventType.ValueType]) -> int:
    return sum("UPDATE" in EventType.Name(kind) for kind in kinds)

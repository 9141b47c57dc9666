"""A misbehaving model fails its turn with a named error; the conversation continues."""

from durable_agents import root_cause

import pytest
from temporalio.client import WorkflowUpdateFailedError

from customer_service.client import Handle
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from offline_model.faults import BEHAVIOUR
from offline_model.server import OfflineModel
from tests.customer_service.conversations import history, say, start
from tests.harness import starters
from tests.harness.workers import check

OTHERS = sorted({*BEHAVIOUR, "400", "401", "403"} - {"empty", "tool_loop"})
NAMED = {"ModelBehaviorError", "MaxTurnsExceeded"}
REFUSED = {"BadRequestError", "AuthenticationError", "PermissionDeniedError"}


async def failure_of_turn(handle: Handle, text: str) -> str | None:
    """Return the type of the error that a turn fails with, if it fails."""
    try:
        await say(handle, text, 0)
    except WorkflowUpdateFailedError as error:
        return root_cause(error).type
    return None


@pytest.mark.parametrize(
    "kind",
    ["empty", "tool_loop", *(pytest.param(k, marks=pytest.mark.exhaustive) for k in OTHERS)],
)
async def test_misbehaving_model_fails_at_most_its_turn_with_a_named_error(
    kind: str, model: OfflineModel
) -> None:
    async with starters.topic_worker("customer_service") as (client, worker):
        handle = await start(client)
        model.faults.always(kind)
        failure = await failure_of_turn(handle, "How many bags may I take?")
        if failure:
            assert failure in NAMED | REFUSED
            assert await history(handle) == []
        model.faults.clear()
        await handle.execute_update(CustomerServiceWorkflow.hand_back)  # it may have escalated
        length = len(await history(handle))
        lines = await say(handle, "Is there wifi?", length)
        assert "Skyward" in lines[-1]
        model.faults.always(kind)  # the end does not depend on the summary
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        assert result.summary
        await check([await handle.fetch_history()], client, worker)
    assert await handle.result() == result

"""What a resumed turn does not know: a forced tool, a passed guardrail, the items at the provider.

The README of the topic warns of these. A failure here may mean that an upgrade has fixed one.
"""

from uuid import uuid4

from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.client import Client
from temporalio.worker import Worker

from long_runs.activities import read_report
from tests.harness.workers import serving
from tests.long_runs.resuming import Resuming


def build_worker(client: Client) -> Worker:
    return Worker(client, task_queue="resume-traps", workflows=[Resuming], activities=[read_report])


async def resume(
    tool_choice: str | None = None, by_response_id: bool = False
) -> tuple[list[int], ScriptedModel]:
    """Run a turn of four model calls in two pieces."""
    reads = [[function_call("read_report", {"number": n}, call_id=f"{n}")] for n in (1, 2, 3)]
    model, id = ScriptedModel([*reads, [assistant_message("Done.")]]), f"resume-{uuid4().hex[:8]}"
    arguments = [tool_choice, by_response_id]
    async with serving(build_worker, model) as client:
        handle = await client.start_workflow(
            Resuming.run, args=arguments, id=id, task_queue="resume-traps"
        )
        return await handle.result(), model


async def test_required_tool_is_required_again_after_each_resumption() -> None:
    _, model = await resume(tool_choice="required")
    choices = [call.model_settings.tool_choice for call in model.calls]
    assert choices == ["required", None, "required", None]


async def test_input_guardrail_of_the_resuming_agent_runs_again() -> None:
    (*sizes, guarded), _ = await resume()
    assert sizes == [1, 5]
    assert guarded == len(sizes)


async def test_previous_response_id_leaves_only_the_last_items_to_carry() -> None:
    (_, carried, _), model = await resume(by_response_id=True)
    assert carried == 1
    assert model.calls[1].previous_response_id
    assert model.calls[2].previous_response_id is None

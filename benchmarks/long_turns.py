"""Measures one long turn with each technique: history, time, and CPU of the worker.

    uv run benchmarks/long_turns.py 100 --context 209000

The model answers at once, in the worker's process. Turns that the server would terminate are left
out.
"""

from durable_agents import InvalidInput, connect, run

import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from agents import Model, ModelProvider, ModelResponse, Usage
from agents.testing import assistant_message, function_call

from benchmarks.server import dev_server
from long_runs.history_size import check_turn
from long_runs.models import Technique
from long_runs.run_worker import build_worker
from long_runs.techniques import TECHNIQUES, connect_options, store_folder, task_queue
from long_runs.workflows.long_turn import LongTurnWorkflow
from tests.harness.environment import variables
from tests.harness.models import UnstreamedModel


class ReadingModel(ModelProvider, UnstreamedModel):
    """Reads reports 1 to `calls` with one tool call per answer, then answers."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self.requests = 0

    def get_model(self, model_name: str | None) -> Model:
        """Return this model."""
        return self

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        """Return the next tool call, or the answer."""
        self.requests += 1
        done = sum(item.get("type") == "function_call_output" for item in input)
        step = function_call("read_report", {"number": done + 1}, call_id=f"call-{done + 1}")
        output = [step if done < self._calls else assistant_message(f"{done} reports read.")]
        return ModelResponse(output=output, usage=Usage(requests=1), response_id=None)


@dataclass(frozen=True)
class Measurement:
    """One turn: sizes in bytes, times in seconds. CPU is that of the worker's process."""

    technique: Technique
    curve: list[int]
    history: int
    stored: int
    seconds: float
    cpu: float
    requests: int


async def measure(technique: Technique, calls: int, context_tokens: int = 0) -> Measurement:
    """Run one turn on the server at `TEMPORAL_ADDRESS`, with an empty blob store."""
    model = ReadingModel(calls)
    with TemporaryDirectory() as folder, variables(BLOB_FOLDER=folder):
        client = await connect(model_provider=model, **connect_options(technique))
        async with build_worker(client, technique):
            started, cpu = time.perf_counter(), time.process_time()
            handle = await client.start_workflow(
                LongTurnWorkflow.run,
                args=[calls, technique, context_tokens],
                id=f"long-turn-{uuid4().hex[:8]}",
                task_queue=task_queue(technique),
            )
            report = await handle.result()
            seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        info = (await handle.describe()).raw_description.workflow_execution_info
        stored = sum(file.stat().st_size for file in store_folder().glob("*/*"))
    history = info.history_size_bytes
    curve = report.history_bytes
    return Measurement(technique, curve, history, stored, seconds, cpu, model.requests)


async def main(calls: int = 100, *, context: int = 0, only: list[str] | None = None) -> None:
    """Measure a turn of CALLS tool calls, after a conversation of --context tokens."""
    chosen = [each for each in TECHNIQUES if not only or each in only]
    async with dev_server():
        for technique in chosen:
            try:
                check_turn(calls, technique, context)
            except InvalidInput as error:
                print(f"{technique:12} not run: {error.message}")
                continue
            await measure(technique, 2)  # warm up
            found = await measure(technique, calls, context)
            curve = {n: found.curve[n] for n in (25, 50, 75, 100) if n <= calls}
            sizes = ", ".join(f"{n}: {size / 1e6:.2f}" for n, size in curve.items())
            print(
                f"{technique:12} history {found.history / 1e6:6.2f} MB, stored "
                f"{found.stored / 1e6:5.2f} MB, {found.seconds:5.1f} s, CPU {found.cpu:5.1f} s, "
                f"{found.requests} model calls; MB by calls: {sizes}",
                flush=True,
            )


if __name__ == "__main__":
    os.environ.setdefault("OPENAI_API_KEY", "unused")
    os.environ["OPENAI_BASE_URL"] = f"http://127.0.0.1:1/{Path(__file__).stem}"  # no trace export
    run(main)

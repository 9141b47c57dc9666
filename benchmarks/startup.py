"""Measures how long each topic's worker takes to its first poll, and each workflow to start.

    uv run benchmarks/startup.py
    uv run benchmarks/startup.py --commands
    uv run benchmarks/startup.py --commands --before ../clone-of-another-version

With `--commands`, measures `sample` commands instead: seconds until the exit, and of CPU, which is
the more reliable figure on a busy machine. With `--before`, the same commands also run in another
clone, in turn, and twice, as a control.

The sandbox imports a workflow's module, and the modules it does not pass through, again for every
new instance: each start, and each replay after eviction from the cache. The cost of an instance is
measured with the worker's own sandbox.
"""

from durable_agents import connect, run

import importlib
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

from benchmarks.server import dev_server

ROOT = Path(__file__).parent.parent
INSTANCES = 200
COMMANDS = ("--help", "list", "run basic/hello_world --offline")


async def first_poll(client: Client, topic: str, queue: str) -> float:
    """Return the seconds from starting a worker process to its first poll."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else is running
        [sys.executable, ROOT / topic / "run_worker.py"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        while process.poll() is None:
            pollers = (await client.workflow_service.describe_task_queue(request)).pollers
            if any(poller.identity.startswith(f"{process.pid}@") for poller in pollers):
                return time.perf_counter() - started
        raise RuntimeError(f"the worker of {topic} exited with code {process.returncode}")
    finally:
        process.terminate()
        process.wait()


def instance_costs(client: Client, topic: str) -> dict[str, float]:
    """Return the time to create one instance of each workflow, in milliseconds, by name."""
    worker = importlib.import_module(f"{topic}.run_worker").build_worker(client)
    config = worker.config(active_config=True)
    runner = config["workflow_runner"]
    if not isinstance(runner, SandboxedWorkflowRunner):
        raise TypeError(f"{topic} runs its workflows in {type(runner).__name__}, not a sandbox")
    costs = {}
    for workflow in config["workflows"]:
        definition = _Definition.must_from_class(workflow)
        times = []
        for _ in range(INSTANCES):
            started = time.perf_counter()
            runner.prepare_workflow(definition)
            times.append((time.perf_counter() - started) * 1000)
        costs[workflow.__name__] = min(times)
    return costs


def command_cost(folder: Path, command: str) -> tuple[float, float]:
    """Run a `sample` command of a clone; return its seconds, and its processes' seconds of CPU."""
    here = Path(sys.executable) if folder == ROOT else folder / ".venv" / "bin" / "python"
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [here.with_name("sample"), *command.split()], cwd=folder, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu


def compare_commands(folders: dict[str, Path], repeats: int) -> None:
    """Print the median costs of each command in each folder, and their ratios to the first."""
    for command in COMMANDS:
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in folders}
        for _ in range(repeats):
            for name, folder in folders.items():
                costs[name].append(command_cost(folder, command))
        medians = {
            name: [statistics.median(each) for each in zip(*found, strict=True)]
            for name, found in costs.items()
        }
        first = next(iter(medians.values()))
        for name, (wall, cpu) in medians.items():
            times = f"{wall:6.2f} s, CPU {cpu:5.2f} s"
            ratios = f"({wall / first[0]:.2f}, {cpu / first[1]:.2f})" if len(medians) > 1 else ""
            print(f"sample {command:<33} {name:<8} {times} {ratios}".rstrip(), flush=True)


async def main(*, commands: bool = False, before: str = "", repeats: int = 5) -> None:
    """Print both times for every topic."""
    if commands:
        other = ROOT / before  # an absolute path stays as it is
        clones = {"before": other, "after": ROOT, "control": other} if before else {"now": ROOT}
        compare_commands(clones, repeats)
        return
    async with dev_server():
        os.environ["OPENAI_API_KEY"] = "unused"
        for worker in sorted(ROOT.glob("*/run_worker.py")):
            topic = worker.parent.name
            module = importlib.import_module(topic)
            worker_module = importlib.import_module(f"{topic}.run_worker")
            client = await connect(**getattr(worker_module, "PLUGIN_OPTIONS", {}))
            polls = [await first_poll(client, topic, module.TASK_QUEUE) for _ in range(3)]
            print(f"{topic}: worker start to first poll {statistics.median(polls):.2f} s")
            for name, cost in instance_costs(client, topic).items():
                print(f"  {name:<32} {cost:5.2f} ms per instance")


if __name__ == "__main__":
    run(main)

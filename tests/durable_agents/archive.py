"""Workflows whose model calls have large inputs, for test_model_input.py."""

import asyncio

from agents import Agent, Runner, function_tool
from temporalio import workflow
from temporalio.contrib.workflow_streams import WorkflowStream


async def read(number: int, size: int) -> str:
    """Read a document."""
    return f"Document {number}: " + "word " * (size // 5)


def archivist() -> Agent[None]:
    """Return an agent with a tool whose results are as large as the model asks for."""
    return Agent(name="Archivist", instructions="Read.", tools=[function_tool(read)])


@workflow.defn
class Archive:
    """Answers questions, all at once."""

    @workflow.run
    async def run(self, questions: list[str]) -> list[str]:
        """Return the answers."""
        results = await asyncio.gather(*(Runner.run(archivist(), text) for text in questions))
        return [result.final_output_as(str) for result in results]


@workflow.defn
class StreamingArchive:
    """Answers a question, streamed."""

    @workflow.init
    def __init__(self, question: str) -> None:
        self.stream = WorkflowStream()

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer."""
        result = Runner.run_streamed(archivist(), question)
        async for _ in result.stream_events():
            pass
        return result.final_output_as(str)

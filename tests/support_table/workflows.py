"""Small workflows, each with one feature of the support table."""

from durable_agents import activity_tool

from contextlib import closing
from datetime import timedelta

from agents import (
    Agent,
    ComputerTool,
    RunConfig,
    RunContextWrapper,
    Runner,
    ShellCommandRequest,
    ShellTool,
    TResponseInputItem,
)
from agents.memory import Session, SessionSettings
from temporalio import activity, workflow
from temporalio.contrib.workflow_streams import WorkflowStream

with workflow.unsafe.imports_passed_through():
    from agents import SQLiteSession
    from agents.testing import ScriptedModel

    from tests.support_table.computer import NoComputer

ACTIVITY_TIMEOUT = timedelta(seconds=10)


class ListSession(Session):
    """A session in the workflow's state, which is as durable as the workflow."""

    def __init__(self) -> None:
        self.session_id = workflow.info().workflow_id
        self.session_settings: SessionSettings | None = None
        self.items: list[TResponseInputItem] = []

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        return self.items[-limit:] if limit else self.items

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        self.items = [*self.items, *items]

    async def pop_item(self) -> TResponseInputItem | None:
        return self.items.pop() if self.items else None

    async def clear_session(self) -> None:
        self.items = []


@activity.defn
async def run_commands(commands: list[str]) -> str:
    """Return the shell commands, without running them."""
    return f"ran {commands}"


@activity.defn
async def sign(wrapper: RunContextWrapper[list[str]], name: str) -> str:
    """Add a name to the context, which is a list."""
    wrapper.context.append(name)
    return f"signed by {wrapper.context}"


async def run_in_activity(request: ShellCommandRequest) -> str:
    return await workflow.execute_activity(
        run_commands, request.data.action.commands, start_to_close_timeout=ACTIVITY_TIMEOUT
    )


@workflow.defn
class Supported:
    """Uses a supported feature."""

    def __init__(self) -> None:
        self.stream = WorkflowStream()

    @workflow.run
    async def run(self, what: str) -> str:
        agent = Agent("Assistant")
        match what:
            case "streaming":
                streamed = Runner.run_streamed(agent, "Hello")
                kinds = [event.type async for event in streamed.stream_events()]
                return f"{len(kinds)} events: {streamed.final_output}"
            case "session":
                session = ListSession()
                await Runner.run(agent, "My name is Ada.", session=session)
                return str((await Runner.run(agent, "My name?", session=session)).final_output)
            case "shell":
                agent.tools = [ShellTool(executor=run_in_activity)]
                return str((await Runner.run(agent, "List the files.")).final_output)
            case "context":
                names: list[str] = ["Grace"]
                agent.tools = [activity_tool(sign)]
                await Runner.run(agent, "Sign as Ada.", context=names)
                return str(names)
            case _:
                return "unknown"


@workflow.defn(failure_exception_types=[Exception])
class Unsupported:
    """Uses an unsupported feature. Without these types, the workflow task would fail forever."""

    @workflow.run
    async def run(self, what: str) -> None:
        agent = Agent("Assistant")
        match what:
            case "computer":
                agent.tools = [ComputerTool(NoComputer())]
            case "sqlite":
                with closing(SQLiteSession("id")) as session:
                    await Runner.run(agent, "Hello", session=session)
            case "sync":
                Runner.run_sync(agent, "Hello")
            case "model":
                await Runner.run(agent, "Hello", run_config=RunConfig(model=ScriptedModel([])))
        await Runner.run(agent, "Hello")


@workflow.defn
class WithoutTopic:
    """Streams on a worker without a streaming topic."""

    @workflow.run
    async def run(self) -> None:
        Runner.run_streamed(Agent("Assistant"), "Hello")

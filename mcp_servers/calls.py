"""Timeouts and retry policies for calls to MCP servers, and what the model reads when one fails."""

from durable_agents import root_cause

from datetime import timedelta

from agents import RunContextWrapper
from agents.mcp import MCPServer
from mcp.types import CallToolResult, GetPromptResult
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityConfig

CALL_OPTIONS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    heartbeat_timeout=timedelta(seconds=10),
    # By default, Temporal retries a call to a dead server indefinitely. All tools here are
    # idempotent; for one that is not, set maximum_attempts=1.
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5),
)
"""For servers without a session."""

SESSION_CALL_OPTIONS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_start_timeout=timedelta(seconds=10),  # no worker polls: the session is dead
    heartbeat_timeout=timedelta(seconds=10),
    # A second attempt could write a note twice, or reach another session.
    retry_policy=RetryPolicy(maximum_attempts=1),
)
"""For calls within a session."""

SESSION_OPTIONS = ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=10),
    # A second attempt would silently replace the session with an empty one.
    retry_policy=RetryPolicy(maximum_attempts=1),
    # A session of the same name can only start after the previous one has ended.
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""For the session itself: an activity that runs as long as the workflow, for at most an hour."""


def describe_failure(context: RunContextWrapper[object], error: Exception) -> str:
    """Return the tool output for a call that failed permanently: one sentence with its cause.

    The plugin's default is "Activity task failed" and a request to try again. A cancellation is
    not a failed call, and is raised.
    """
    cause = error.__cause__ or error
    if is_cancelled_exception(cause):
        raise cause
    return f"The call failed. {root_cause(cause)}"


async def check_prompt(server: MCPServer, name: str) -> None:
    """Check that a server has a prompt.

    A server may answer a request for an unknown prompt with "Internal server error", which Temporal
    would retry.

    Raises:
        ApplicationError: `UnknownPrompt`; the message lists the server's prompts.
    """
    names = [prompt.name for prompt in (await server.list_prompts()).prompts]
    if name not in names:
        known = ", ".join(names) or "none"
        raise ApplicationError(
            f"{server.name} has no prompt {name!r}; its prompts: {known}", type="UnknownPrompt"
        )


def prompt_text(prompt: GetPromptResult) -> str:
    """Return the text of a prompt's messages.

    Raises:
        ApplicationError: `EmptyPrompt`: the prompt has no text.
    """
    texts = [message.content.text for message in prompt.messages if message.content.type == "text"]
    if not "".join(texts).strip():
        raise ApplicationError("The prompt has no text", type="EmptyPrompt", non_retryable=True)
    return "\n\n".join(texts)


def result_text(result: CallToolResult) -> str:
    """Return the text of a tool's result, without content of other types."""
    return "\n".join(part.text for part in result.content if part.type == "text")

"""How calls of MCP servers are timed and retried, and what the model is told of those that fail."""

from durable_agents import root_cause

from datetime import timedelta

from agents import RunContextWrapper
from agents.mcp import MCPServer
from mcp.types import CallToolResult, GetPromptResult
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityConfig

# Without a bound a server that is down for good would be asked for ever. Every tool here may be
# called twice: the same answer, and nothing done.
CALLS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5),
)

# One attempt: another could write a note twice, or be of another session.
SESSION_CALLS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_start_timeout=timedelta(seconds=10),  # nobody listens: the session is dead
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=1),
)

# The activity that is the session, as long as the workflow lasts. One attempt: another would be an
# empty session in the place of the old one, and nobody would know.
SESSION = ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=1),
    # A session of the same name can only begin when the last one has ended.
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)


def tell_the_model(context: RunContextWrapper[object], error: Exception) -> str:
    """Say in one sentence why a call has failed, for good.

    Without this the model reads "Activity task failed", and is asked to try again.
    """
    cause = error.__cause__ or error
    if is_cancelled_exception(cause):  # a cancelled workflow is not a failed call
        raise cause
    return f"The call failed. {root_cause(cause)}"


async def check_prompt(server: MCPServer, name: str) -> None:
    """Check that a server has a prompt of that name.

    Asked for one that it has not, a server may answer "Internal server error", which would be
    retried.

    Raises:
        ApplicationError: `UnknownPrompt`; the message names those that there are.
    """
    names = [prompt.name for prompt in (await server.list_prompts()).prompts]
    if name not in names:
        known = ", ".join(names) or "none"
        raise ApplicationError(
            f"{server.name} has no prompt {name!r}; its prompts: {known}", type="UnknownPrompt"
        )


def text_of(prompt: GetPromptResult) -> str:
    """Return the text of a prompt's messages.

    Raises:
        ApplicationError: `EmptyPrompt`, it has no text.
    """
    texts = [message.content.text for message in prompt.messages if message.content.type == "text"]
    if not "".join(texts).strip():
        raise ApplicationError("The prompt has no text", type="EmptyPrompt", non_retryable=True)
    return "\n\n".join(texts)


def text_of_result(result: CallToolResult) -> str:
    """Return what a tool says as text; what is not text is left out."""
    return "\n".join(part.text for part in result.content if part.type == "text")

"""What a client asks of a conversation: no message is lost, and none is answered twice."""

from durable_agents import WorkflowClosed, is_transient, update_reliably

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from customer_service.errors import ConversationEnded
from customer_service.models import AgentReply, ConversationResult, ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow

Handle = WorkflowHandle[CustomerServiceWorkflow, ConversationResult]


async def send(handle: Handle, text: str, chat_length: int) -> list[str]:
    """Send a message to who has seen `chat_length` lines; return the lines that it brings.

    Raises:
        ConversationEnded: Nobody listens any more.
        WorkflowUpdateFailedError: The message was rejected, or got no answer.
        RPCError: The server did not take it, again and again.
    """
    message = ProcessUserMessageInput(user_input=text, chat_length=chat_length)
    with _ended_as_error():
        return await update_reliably(handle, CustomerServiceWorkflow.process_user_message, message)


async def reply(handle: Handle, name: str, text: str) -> None:
    """Answer as a person; raises as `send` does."""
    answer = AgentReply(name=name, text=text)
    with _ended_as_error():
        await update_reliably(handle, CustomerServiceWorkflow.reply_as_agent, answer)


async def hand_back(handle: Handle) -> None:
    """Have the agents answer again; raises as `send` does."""
    with _ended_as_error():
        await update_reliably(handle, CustomerServiceWorkflow.hand_back)


async def end(handle: Handle) -> ConversationResult:
    """End the conversation, if nobody has; return what it came to."""
    with suppress(ConversationEnded), _ended_as_error():
        return await update_reliably(handle, CustomerServiceWorkflow.end_conversation)
    return await handle.result()


@contextmanager
def _ended_as_error() -> Iterator[None]:
    """Raise `ConversationEnded` when an update comes too late, for whatever reason."""
    try:
        yield
    except WorkflowClosed as error:
        raise ConversationEnded from error
    except WorkflowUpdateFailedError as error:
        if type_of(error) == ConversationEnded.__name__:
            raise ConversationEnded from error
        raise


def type_of(error: WorkflowUpdateFailedError) -> str | None:
    """Return the type under which the workflow rejected or failed an update."""
    return error.cause.type if isinstance(error.cause, ApplicationError) else None


async def lost_its_worker(handle: Handle) -> bool:
    """Return whether a worker died in the turn under way: its call stopped to give signs of life.

    The server knows this by itself, whether or not a worker is up.
    """
    try:
        description = (await handle.describe()).raw_description
    except RPCError as error:
        if is_transient(error):
            return False
        raise
    failures = [pending.last_failure for pending in description.pending_activities]
    return any(
        failure.timeout_failure_info.timeout_type == TimeoutType.TIMEOUT_TYPE_HEARTBEAT
        for failure in failures
    )

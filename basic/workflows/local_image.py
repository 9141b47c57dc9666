"""Image input from disk: small images inline, large ones uploaded and sent by reference."""

from durable_agents import require_text

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from basic.activities.image import load_image


@workflow.defn
class LocalImageWorkflow:
    """Answers a question about an image on the worker's disk."""

    @workflow.run
    async def run(self, image_path: str, question: str) -> str:
        """Return the answer to `question` about the image at `image_path`.

        Raises:
            InvalidInput: The question is empty.
            ActivityError: Caused by `InvalidInput` if the path is outside the media folder, or the
                file does not exist, is not an image, or exceeds 8 MB.
        """
        require_text(question, "question")
        image = await workflow.execute_activity(
            load_image,
            image_path,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(
                maximum_attempts=5,
                non_retryable_error_types=[
                    "AuthenticationError",
                    "BadRequestError",
                    "PermissionDeniedError",
                ],
            ),
        )
        agent = Agent(name="Assistant", instructions="You are a helpful assistant.")
        result = await Runner.run(agent, [image.with_question(question)])
        return result.final_output_as(str)

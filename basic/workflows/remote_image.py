"""Image input by URL: the provider fetches the image, and the history holds only the URL."""

from durable_agents import InvalidInput, require_text

from urllib.parse import urlsplit

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import ImageInput


@workflow.defn
class RemoteImageWorkflow:
    """Answers a question about an image on the web."""

    @workflow.run
    async def run(self, image_url: str, question: str) -> str:
        """Return the answer to `question` about the image at `image_url`.

        Raises:
            InvalidInput: The question is empty, or `image_url` is not an http or https URL with a
                host.
        """
        require_text(question, "question")
        url = urlsplit(image_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise InvalidInput(f"image_url is {image_url!r}; it must be an http or https URL")
        agent = Agent(name="Assistant", instructions="You are a helpful assistant.")
        message = ImageInput(image_url=image_url).with_question(question)
        result = await Runner.run(agent, [message])
        return result.final_output_as(str)

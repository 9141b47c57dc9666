"""Image generation: the image is recorded in the history, so it must stay small."""

from durable_agents import require_text

from agents import Agent, ImageGenerationTool, Runner, RunResult
from openai.types.responses.response_output_item import ImageGenerationCall
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tools.models import ImageGenerationResult

# Encoded as base64. The history records it twice: in the model call and in the workflow's result.
MAX_IMAGE_BYTES = 256_000


def last_image(result: RunResult) -> str | None:
    """Return the last image of a run as base64, or None."""
    items = [item.raw_item for item in result.new_items]
    images = [item.result for item in items if isinstance(item, ImageGenerationCall)]
    return next((image for image in reversed(images) if image), None)


@workflow.defn
class ImageGeneratorWorkflow:
    """Generates an image from a description."""

    @workflow.run
    async def run(self, prompt: str) -> ImageGenerationResult:
        """Return an image of `prompt`. If it is too large, `final_output` says so instead.

        Raises:
            InvalidInput: The prompt is empty.
        """
        require_text(prompt, "prompt")
        agent = Agent(
            name="Illustrator",
            instructions="""
                Generate one image of what the user describes.
                Then describe it in one sentence.
            """,
            tools=[
                ImageGenerationTool(
                    tool_config={
                        "type": "image_generation",
                        "size": "1024x1024",
                        "quality": "low",
                        "output_format": "webp",
                        "output_compression": 50,
                    }
                )
            ],
        )
        result = await Runner.run(agent, prompt)
        answer, image = result.final_output_as(str), last_image(result)
        if image and len(image) > MAX_IMAGE_BYTES:
            answer += f"\n(Image omitted: {len(image):,} bytes; the limit is {MAX_IMAGE_BYTES:,}.)"
            image = None
        return ImageGenerationResult(final_output=answer, image_data=image)

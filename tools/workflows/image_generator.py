"""A picture made by the model's provider; it travels in the history, so it must stay small."""

from durable_agents import InvalidInput

from agents import Agent, ImageGenerationTool, Runner, RunResult
from openai.types.responses.response_output_item import ImageGenerationCall
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tools.models import ImageGenerationResult

# In base64, as it is recorded: with the model call, and again with the workflow's result.
SIZE_LIMIT = 256_000


def last_picture(result: RunResult) -> str | None:
    """Return the last picture that a run made, as base64."""
    items = [item.raw_item for item in result.new_items]
    pictures = [item.result for item in items if isinstance(item, ImageGenerationCall)]
    return next((picture for picture in reversed(pictures) if picture), None)


@workflow.defn
class ImageGeneratorWorkflow:
    """Makes a picture from a description."""

    @workflow.run
    async def run(self, prompt: str) -> ImageGenerationResult:
        """Return a picture of `prompt`; `final_output` says why where there is none.

        Raises:
            InvalidInput: The prompt is empty.
        """
        if not prompt.strip():
            raise InvalidInput("prompt is empty: describe the picture")
        agent = Agent(
            name="Illustrator",
            instructions="""Make one picture of what the user describes.
            Then say in one sentence what it shows.""",
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
        said, picture = result.final_output_as(str), last_picture(result)
        if picture and len(picture) > SIZE_LIMIT:
            said += f"\n(The picture is left out: {len(picture):,} bytes, at most {SIZE_LIMIT:,}.)"
            picture = None
        return ImageGenerationResult(final_output=said, image_data=picture)

"""Types that the workflows and starters of this topic exchange."""

from pydantic import BaseModel, Field


class ImageGenerationResult(BaseModel):
    """The model's answer, and the image that it generated."""

    final_output: str
    image_data: str | None = Field(description="The image as base64, or None")

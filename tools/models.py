"""What workflows and starters of this topic hand each other."""

from pydantic import BaseModel, Field


class ImageGenerationResult(BaseModel):
    """What the model said, and the picture that it made."""

    final_output: str
    image_data: str | None = Field(description="The picture as base64; None where there is none")

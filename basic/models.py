"""Types that the workflows, activities, and starters of this topic exchange."""

from dataclasses import dataclass

from openai.types.responses import ResponseInputImageParam, ResponseInputTextParam
from openai.types.responses.response_input_item_param import Message
from pydantic import BaseModel, Field


class Weather(BaseModel):
    """The typical weather of a city."""

    city: str
    temperature_range: str = Field(description="Typical night and day, for example 14-20 °C")
    conditions: str


@dataclass
class StyleContext:
    """The context of a run: visible to instructions, hooks, and tools, but not to the model."""

    style: str


class FinalResult(BaseModel):
    """The output of the lifecycle agents."""

    number: int = Field(ge=0)


class Recipe(BaseModel):
    """Amounts by ingredient: an object whose keys are not known in advance."""

    ingredients: dict[str, str] = Field(description="Amount of each ingredient, by its name")


class ImageInput(BaseModel):
    """An image for the model: a URL (possibly a data URL) or the id of an uploaded file."""

    image_url: str | None = None
    file_id: str | None = None

    def with_question(self, question: str) -> Message:
        """Return a user message with the image and a question about it."""
        image = ResponseInputImageParam(type="input_image", detail="auto")
        if self.file_id:
            image["file_id"] = self.file_id
        else:
            image["image_url"] = self.image_url
        text = ResponseInputTextParam(type="input_text", text=question)
        return Message(role="user", content=[image, text])

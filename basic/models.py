"""What workflows, activities and starters of this topic hand each other."""

from dataclasses import dataclass

from openai.types.responses import ResponseInputImageParam, ResponseInputTextParam
from openai.types.responses.response_input_item_param import Message
from pydantic import BaseModel, Field


class Weather(BaseModel):
    """What a traveller asks about a city."""

    city: str
    temperature_range: str = Field(description="Typical night and day, for example 14-20 °C")
    conditions: str


@dataclass
class Voice:
    """The context of a run: instructions, hooks and tools get it, the model does not."""

    style: str


class FinalResult(BaseModel):
    """The answer of the number agents."""

    number: int = Field(ge=0)


class Recipe(BaseModel):
    """Ingredients by name. The names are not known beforehand: an object with free keys."""

    ingredients: dict[str, str] = Field(description="Amount of each ingredient, by its name")


class ImageInput(BaseModel):
    """How a picture goes to the model: by a URL (also a data URL), or as an uploaded file."""

    image_url: str | None = None
    file_id: str | None = None

    def with_question(self, question: str) -> Message:
        """Return the user's message: the picture and a question about it."""
        picture = ResponseInputImageParam(type="input_image", detail="auto")
        if self.file_id:
            picture["file_id"] = self.file_id
        else:
            picture["image_url"] = self.image_url
        text = ResponseInputTextParam(type="input_text", text=question)
        return Message(role="user", content=[picture, text])

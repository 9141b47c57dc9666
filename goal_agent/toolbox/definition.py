"""The base of every tool: arguments with limits, and an entry for the registry."""

from durable_agents import encoded_size
from durable_agents.errors import describe_validation_error

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from goal_agent.models import Argument, CheckedStep, ToolInfo

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, halves of surrogate pairs, and marks that reorder text: with these, a card
could show other arguments than those that run."""

MAX_PROBLEM = 1000  # characters

MAX_ARGS_BYTES = 4000
"""Bytes of a tool call's arguments: they are shown, recorded, and carried to the next run."""


class ToolArguments(BaseModel, ABC):
    """A tool's arguments, and its implementation.

    The fields and their limits become the schema that the planner sees, and the validation that
    arguments pass before the user is asked to confirm them. Error messages never repeat a value:
    they are sent to the planner, and a value could carry a prompt injection.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_printable(cls, value: object) -> object:
        if isinstance(value, str) and UNPRINTABLE.search(value.strip()):
            raise ValueError("control characters are not allowed")
        return value

    @abstractmethod
    async def run(self, idempotency_key: str) -> str:
        """Run the tool; return the result for the planner and the user.

        The result must not repeat free text of the user.

        Args:
            idempotency_key: The same in every attempt, unique to the step.

        Raises:
            ApplicationError: The tool failed; non-retryable if a retry cannot succeed.
        """


class ToolDefinition(BaseModel):
    """An entry of the registry."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    arguments: type[ToolArguments]
    spends: bool = Field(default=False, description="Spends money: always needs confirmation")

    def info(self) -> ToolInfo:
        """Return the tool as described to the planner."""
        schema = self.arguments.model_json_schema()
        return ToolInfo(name=self.name, description=self.description, arguments=schema)

    def check(self, given: Sequence[Argument]) -> CheckedStep:
        """Validate arguments. Required ones that are absent, null, or blank are missing."""
        values = {one.name: one.value for one in given if one.value and one.value.strip()}
        if len({one.name for one in given}) < len(given):
            return CheckedStep(problem="an argument is given twice")
        try:
            arguments = self.arguments.model_validate(values)
        except ValidationError as error:
            if any(one["type"] != "missing" for one in error.errors()):
                problem = describe_validation_error(error, self.name)
                return CheckedStep(problem=problem[:MAX_PROBLEM])
            missing = [str(one["loc"][0]) for one in error.errors()]
            return CheckedStep(missing=missing, spends=self.spends)
        args = arguments.model_dump(mode="json")
        if (size := encoded_size(args)) > MAX_ARGS_BYTES:
            problem = f"arguments are {size:,} bytes as JSON; the limit is {MAX_ARGS_BYTES:,}"
            return CheckedStep(problem=problem)
        return CheckedStep(args=args, spends=self.spends)

"""What a tool is made of."""

from durable_agents.errors import describe_validation_error

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from goal_agent.models import Argument, CheckedStep, ToolInfo
from goal_agent.sizes import MAX_ARGS_BYTES, encoded_size

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, NUL among them; marks that reorder text, which would let a card show other
arguments than those that run; and halves of surrogate pairs."""

MAX_PROBLEM = 1000  # characters


class ToolArguments(BaseModel, ABC):
    """A tool's arguments, and what it does with them.

    The fields with their limits become the schema that the planner sees and the check that its
    arguments must pass before anyone is asked to confirm them. Error messages never repeat a
    value: they are told to the planner, in whose ear nobody shall whisper.
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
        """Do it; return what to tell the planner and the user.

        What is returned holds nothing that the user has put in free words.

        Args:
            idempotency_key: The same in every attempt at a step, and at no other step.

        Raises:
            ApplicationError: It cannot be done; non-retryable where another attempt is in vain.
        """


class ToolDefinition(BaseModel):
    """An entry of the registry."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    arguments: type[ToolArguments]
    spends: bool = Field(default=False, description="Never run without a confirmation")

    def info(self) -> ToolInfo:
        """Return what the planner is told."""
        schema = self.arguments.model_json_schema()
        return ToolInfo(name=self.name, description=self.description, arguments=schema)

    def check(self, given: Sequence[Argument]) -> CheckedStep:
        """Check arguments; those that are absent, null or blank, and needed, are missing."""
        values: dict[str, JsonValue] = {}
        for argument in given:
            if argument.name in values:
                return self._checked(problem="an argument is given twice")
            if argument.value and argument.value.strip():
                values[argument.name] = argument.value
        fields = self.arguments.model_fields
        missing = [name for name, field in fields.items() if field.is_required()]
        missing = [name for name in missing if name not in values]
        try:
            made = self.arguments.model_validate(values)
        except ValidationError as error:
            wrong = [problem for problem in error.errors() if problem["type"] != "missing"]
            if wrong:
                return self._checked(problem=describe_validation_error(error, self.name))
            return self._checked(missing=missing)
        args = made.model_dump(mode="json")
        if (size := encoded_size(args)) > MAX_ARGS_BYTES:
            problem = f"arguments are {size:,} bytes as JSON; the limit is {MAX_ARGS_BYTES:,}"
            return self._checked(problem=problem)
        return self._checked(args=args)

    def _checked(
        self,
        *,
        args: dict[str, JsonValue] | None = None,
        missing: list[str] | None = None,
        problem: str | None = None,
    ) -> CheckedStep:
        problem = problem and problem[:MAX_PROBLEM]
        return CheckedStep(
            args=args or {}, missing=missing or [], problem=problem, spends=self.spends
        )

"""The Agents SDK's own models and runner, over HTTP."""

from typing import Annotated

import pytest
from agents import (
    Agent,
    Model,
    ModelBehaviorError,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    function_tool,
)
from openai import AsyncOpenAI
from pydantic import BaseModel, Field

from offline_model.server import OfflineModel


class Report(BaseModel):
    """The output of the second agent."""

    city: str
    degrees: Annotated[int, Field(ge=-50, le=50)]


@function_tool
def get_temperature(city: str) -> str:
    """Get the temperature in a city."""
    return f"It is -7 degrees in {city}."


def triage(model: Model) -> Agent[None]:
    """Return an agent that hands off to one with a tool and an output type."""
    weather = Agent[None](
        name="Weather agent",
        handoff_description="Knows the temperature.",
        tools=[get_temperature],
        output_type=Report,
        model=model,
    )
    return Agent[None](name="Triage", handoffs=[weather], model=model)


@pytest.fixture(params=[OpenAIResponsesModel, OpenAIChatCompletionsModel])
def sdk_model(request: pytest.FixtureRequest, async_client: AsyncOpenAI) -> Model:
    model: Model = request.param(model="gpt-5", openai_client=async_client)
    return model


QUESTION = "Weather, please: what is the temperature in Oslo?"
QUIET = RunConfig(tracing_disabled=True)


async def test_run_hands_off_calls_the_tool_and_returns_its_output(
    sdk_model: Model, model: OfflineModel
) -> None:
    result = await Runner.run(triage(sdk_model), QUESTION, run_config=QUIET)

    assert result.final_output == Report(city="Oslo", degrees=-7)
    assert result.last_agent.name == "Weather agent"
    assert len(model.calls) == 3
    assert result.context_wrapper.usage.total_tokens > 0


async def test_streamed_run_returns_the_same_output(sdk_model: Model, model: OfflineModel) -> None:
    result = Runner.run_streamed(triage(sdk_model), QUESTION, run_config=QUIET)
    kinds = [event.type async for event in result.stream_events()]

    assert result.final_output == Report(city="Oslo", degrees=-7)
    assert "raw_response_event" in kinds
    assert len(model.calls) == 3


async def test_unknown_tool_fails_the_run(sdk_model: Model, model: OfflineModel) -> None:
    model.faults.next("unknown_tool")

    with pytest.raises(ModelBehaviorError, match="no_such_tool"):
        await Runner.run(triage(sdk_model), QUESTION, run_config=QUIET)


async def test_second_run_continues_from_the_response_id(async_client: AsyncOpenAI) -> None:
    agent = Agent(name="A", model=OpenAIResponsesModel("gpt-5", async_client))
    first = await Runner.run(agent, "Hello", run_config=QUIET)
    second = await Runner.run(
        agent, "And?", run_config=QUIET, previous_response_id=first.last_response_id
    )

    assert "And?" in second.final_output

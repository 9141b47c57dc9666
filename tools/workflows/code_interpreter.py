"""Code that the model writes and its provider runs in a container; the result shows that code."""

from durable_agents import InvalidInput

from agents import Agent, CodeInterpreterTool, ModelSettings, Runner, RunResult
from openai.types.responses import ResponseCodeInterpreterToolCall
from openai.types.responses.response_code_interpreter_tool_call import OutputLogs
from temporalio import workflow


def code_that_ran(result: RunResult) -> list[str]:
    """Return each piece of code that ran, with what it printed."""
    items = [item.raw_item for item in result.new_items]
    calls = [item for item in items if isinstance(item, ResponseCodeInterpreterToolCall)]
    return [f"{call.code or ''}\n# printed:\n{_printed(call)}".rstrip() for call in calls]


def _printed(call: ResponseCodeInterpreterToolCall) -> str:
    logs = [output.logs for output in call.outputs or [] if isinstance(output, OutputLogs)]
    lines = "".join(logs).splitlines()
    return "\n".join(f"#   {line}" for line in lines)


@workflow.defn
class CodeInterpreterWorkflow:
    """Answers what is better computed than guessed."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`, with the code that it rests on.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: say what to compute")
        agent = Agent(
            name="Calculating assistant",
            instructions="""Work the answer out in Python, however simple it seems.
            Then say the result in one sentence.""",
            tools=[
                CodeInterpreterTool(
                    tool_config={"type": "code_interpreter", "container": {"type": "auto"}}
                )
            ],
            # What the code printed is only sent to those who ask for it.
            model_settings=ModelSettings(response_include=["code_interpreter_call.outputs"]),
        )
        result = await Runner.run(agent, question)
        # An answer without code is a guess: the reader is to know.
        ran = "\n\n".join(code_that_ran(result)) or "none"
        return f"{result.final_output_as(str)}\n\nThe code that ran:\n{ran}"

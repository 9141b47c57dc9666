"""Code interpreter: the provider runs the model's code, and the result includes that code."""

from durable_agents import require_text

from agents import Agent, CodeInterpreterTool, ModelSettings, Runner, RunResult
from openai.types.responses import ResponseCodeInterpreterToolCall
from openai.types.responses.response_code_interpreter_tool_call import OutputLogs
from temporalio import workflow


def executed_code(result: RunResult) -> list[str]:
    """Return each executed piece of code, followed by its output."""
    items = [item.raw_item for item in result.new_items]
    calls = [item for item in items if isinstance(item, ResponseCodeInterpreterToolCall)]
    return [f"{call.code or ''}\n# output:\n{_output(call)}".rstrip() for call in calls]


def _output(call: ResponseCodeInterpreterToolCall) -> str:
    logs = [output.logs for output in call.outputs or [] if isinstance(output, OutputLogs)]
    lines = "".join(logs).splitlines()
    return "\n".join(f"#   {line}" for line in lines)


@workflow.defn
class CodeInterpreterWorkflow:
    """Answers questions that are better computed than guessed."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`, with the code behind it.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        agent = Agent(
            name="Calculating assistant",
            instructions="""
                Work the answer out in Python, however simple it seems.
                Then state the result in one sentence.
            """,
            tools=[
                CodeInterpreterTool(
                    tool_config={"type": "code_interpreter", "container": {"type": "auto"}}
                )
            ],
            # The API includes the output of the code only on request.
            model_settings=ModelSettings(response_include=["code_interpreter_call.outputs"]),
        )
        result = await Runner.run(agent, question)
        # An answer without code is a guess, so say so.
        code = "\n\n".join(executed_code(result)) or "none"
        return f"{result.final_output_as(str)}\n\nExecuted code:\n{code}"

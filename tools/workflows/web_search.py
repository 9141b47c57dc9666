"""A search of the web, run by the model's provider; the answer ends with its sources."""

from durable_agents import InvalidInput

from agents import Agent, Runner, WebSearchTool
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tools.citations import cited_pages


@workflow.defn
class WebSearchWorkflow:
    """Answers a question from the web, as seen from a city."""

    @workflow.run
    async def run(self, question: str, user_city: str = "New York") -> str:
        """Return the answer to `question` with its sources, for someone in `user_city`.

        Raises:
            InvalidInput: The question or the city is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: say what to search for")
        if not user_city.strip():
            raise InvalidInput("user_city is empty: name the city to search from")
        agent = Agent(
            name="Web searcher",
            instructions="""Search the web and answer in two or three sentences.
            Cite the page behind each fact.""",
            tools=[WebSearchTool(user_location={"type": "approximate", "city": user_city})],
        )
        result = await Runner.run(agent, question)
        # An answer that cites nothing may be made up: the reader is to know.
        pages = [f"- {title}: {url}" for url, title in cited_pages(result).items()]
        sources = "\n".join(["Sources:", *pages]) if pages else "Sources: none cited"
        return f"{result.final_output_as(str)}\n\n{sources}"

"""Web search: the provider searches from a given city, and the answer lists its sources."""

from durable_agents import require_text

from agents import Agent, Runner, WebSearchTool
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tools.citations import cited_pages


@workflow.defn
class WebSearchWorkflow:
    """Answers a question from the web, searching from a city."""

    @workflow.run
    async def run(self, question: str, user_city: str = "New York") -> str:
        """Return the answer to `question` with its sources, searching from `user_city`.

        Raises:
            InvalidInput: The question or the city is empty.
        """
        require_text(question, "question")
        require_text(user_city, "user_city")
        agent = Agent(
            name="Web searcher",
            instructions="""
                Search the web and answer in two or three sentences.
                Cite the source page of each fact.
            """,
            tools=[WebSearchTool(user_location={"type": "approximate", "city": user_city})],
        )
        result = await Runner.run(agent, question)
        # An uncited answer may be hallucinated, so say so.
        pages = [f"- {title}: {url}" for url, title in cited_pages(result).items()]
        sources = "\n".join(["Sources:", *pages]) if pages else "Sources: none cited"
        return f"{result.final_output_as(str)}\n\n{sources}"

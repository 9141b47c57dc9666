"""Runs one web search and summarizes the results for analysts."""

from agents import Agent, ModelSettings, WebSearchTool


def searcher() -> Agent[None]:
    """Return the agent that answers with a short summary that cites its pages."""
    return Agent(
        name="Searcher",
        instructions="""
            Search the web for the given term, for the given reason.
            Summarize what the pages say for a financial analyst in at most 200 words: figures with
            their periods and currencies, events with their dates. Cite the page behind each.
        """,
        tools=[WebSearchTool(search_context_size="low")],
        # Without this, a model may answer from memory, without citations.
        model_settings=ModelSettings(tool_choice="required"),
    )

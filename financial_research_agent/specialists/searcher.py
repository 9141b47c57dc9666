"""The searcher: one search of the web, summed up for analysts."""

from agents import Agent, ModelSettings, WebSearchTool


def searcher() -> Agent[None]:
    """Return the agent that answers with a short text that cites its pages."""
    return Agent(
        name="Searcher",
        instructions="""
            Search the web for the term you are given, for the reason you are given.
            Sum up what the pages say for a financial analyst in at most 200 words: figures with
            their periods and currencies, events with their dates. Cite the page behind each.
        """,
        tools=[WebSearchTool(search_context_size="low")],
        # Without it, a model may answer from memory, and cite nothing.
        model_settings=ModelSettings(tool_choice="required"),
    )

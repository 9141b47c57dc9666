"""The searcher: one search of the web, summed up."""

from agents import Agent, ModelSettings, WebSearchTool


def searcher() -> Agent[None]:
    """Return the agent that answers with a short text that cites its pages."""
    return Agent(
        name="Searcher",
        instructions="""
            Search the web for the term you are given, for the reason you are given.
            Sum up what the pages say in at most 200 words: facts and figures, no padding.
            Cite the page behind each fact. Someone else writes a report from your summary.
        """,
        tools=[WebSearchTool(search_context_size="low")],
        # Without it, a model may answer from memory, and cite nothing.
        model_settings=ModelSettings(tool_choice="required"),
    )

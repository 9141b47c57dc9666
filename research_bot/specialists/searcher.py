"""Runs one web search and summarizes the results."""

from agents import Agent, ModelSettings, WebSearchTool


def searcher() -> Agent[None]:
    """Return the agent that answers with a short summary that cites its pages."""
    return Agent(
        name="Searcher",
        instructions="""
            Search the web for the given term, for the given reason.
            Summarize what the pages say in at most 200 words: facts and figures, no padding.
            Cite the page behind each fact. Another agent writes a report from your summary.
        """,
        tools=[WebSearchTool(search_context_size="low")],
        # Without this, a model may answer from memory, without citations.
        model_settings=ModelSettings(tool_choice="required"),
    )

"""The parts of a research workflow that financial_research_agent shares: search, report, progress.

Nothing here imports the rest of `research_bot`. Copy this folder to build another research agent.
"""

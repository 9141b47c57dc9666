"""Verifies that a report is consistent and sourced."""

from agents import Agent

from financial_research_agent.models import VerificationResult


def verifier() -> Agent[None]:
    """Return the agent that answers with a `VerificationResult`."""
    return Agent(
        name="Verifier",
        instructions="""
            Audit a financial report: is it consistent, does it answer the question, and does every
            figure have a source? List what to fix, each issue in one sentence that quotes the
            passage. A report with an open issue is not verified.
        """,
        output_type=VerificationResult,
    )

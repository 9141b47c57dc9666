"""The verifier: whether a report holds."""

from agents import Agent

from financial_research_agent.models import VerificationResult


def verifier() -> Agent[None]:
    """Return the agent that answers with a `VerificationResult`."""
    return Agent(
        name="Verifier",
        instructions="""
            Audit a financial report: is it consistent, does it answer the question, and does a
            source stand behind each figure? List what is to be mended, each in a sentence that
            quotes the place. Nothing is verified as long as there is an issue.
        """,
        output_type=VerificationResult,
    )

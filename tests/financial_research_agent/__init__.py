"""Tests of financial_research_agent/."""

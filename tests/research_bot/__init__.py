"""Tests of research_bot/."""

"""Tests of sub_agents/."""

"""Tests of agent_patterns/."""

"""Unit tests of the samples in agent_patterns/."""

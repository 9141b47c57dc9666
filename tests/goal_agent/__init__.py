"""Tests of the goal agent."""

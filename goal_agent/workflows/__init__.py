"""Workflows of goal_agent/."""

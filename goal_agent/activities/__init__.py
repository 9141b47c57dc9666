"""Activities of goal_agent/."""

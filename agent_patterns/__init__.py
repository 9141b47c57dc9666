"""Ways to put agents together: chains, routes, judges, tools, guardrails, and what each costs."""

TASK_QUEUE = "openai-agents-patterns-task-queue"
GROUP = "Patterns"
ORDER = 1

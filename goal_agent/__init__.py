"""An agent that asks before every action: chat, API, and web page."""

TASK_QUEUE = "agent-task-queue"
GROUP = "Applications"
ORDER = 2

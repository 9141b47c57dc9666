"""An agent that talks its way to a goal, and asks before it acts: chat, API, and web page."""

TASK_QUEUE = "agent-task-queue"
GROUP = "Applications"
ORDER = 2

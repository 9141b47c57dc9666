"""Building blocks: prompts, tools, hooks, typed output, images, and memory."""

TASK_QUEUE = "openai-agents-basic-task-queue"
GROUP = "Start here"
ORDER = 1

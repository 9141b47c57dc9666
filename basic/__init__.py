"""The parts every agent is made of: prompts, tools, hooks, typed output, images, conversations."""

TASK_QUEUE = "openai-agents-basic-task-queue"
GROUP = "Start here"
ORDER = 1

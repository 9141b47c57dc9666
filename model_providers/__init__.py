"""Several model providers behind one worker, selected by model name."""

TASK_QUEUE = "openai-agents-model-providers-task-queue"
GROUP = "Integrations"
ORDER = 4

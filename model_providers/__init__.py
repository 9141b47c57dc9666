"""One worker, several model providers: the prefix of a model's name says which one answers."""

TASK_QUEUE = "openai-agents-model-providers-task-queue"
GROUP = "Integrations"
ORDER = 4

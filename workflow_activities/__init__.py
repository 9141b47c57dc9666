"""The workflow, not the model, decides what must always happen after a turn."""

TASK_QUEUE = "workflow-activities-task-queue"
GROUP = "Long-lived agents"
ORDER = 1

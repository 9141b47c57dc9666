"""The workflow, not the model, decides what always happens after a turn."""

TASK_QUEUE = "workflow-activities-task-queue"
GROUP = "Long-lived agents"
ORDER = 6

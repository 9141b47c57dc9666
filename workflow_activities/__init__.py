"""What always happens is the workflow's to decide: each turn is saved, told, and batched."""

TASK_QUEUE = "workflow-activities-task-queue"
GROUP = "Long-lived agents"
ORDER = 1

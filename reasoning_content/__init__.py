"""What a model thought before it answered, through the durable Runner, whichever API it speaks."""

TASK_QUEUE = "reasoning-content-task-queue"
GROUP = "Integrations"
ORDER = 5

"""A financial analyst: analysts as tools of a writer, and a verifier whose verdict is acted on."""

TASK_QUEUE = "financial-research-task-queue"
GROUP = "Applications"
ORDER = 4

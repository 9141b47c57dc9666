"""A financial analyst: a writer with analysts as tools, and a verifier who demands revisions."""

TASK_QUEUE = "financial-research-task-queue"
GROUP = "Applications"
ORDER = 4

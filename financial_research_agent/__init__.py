"""A financial analyst: a writer with analysts as tools, and a verifier that requests revisions."""

TASK_QUEUE = "financial-research-task-queue"
GROUP = "Applications"
ORDER = 4

"""Deploys new code while conversations run: worker builds, pinned and moved chats, patches."""

TASK_QUEUE = "versioning-task-queue"
GROUP = "Operations"
ORDER = 3

"""Durable chats, small enough to copy: HTTP, stop, steer, sessions."""

TASK_QUEUE = "conversations-task-queue"
GROUP = "Long-lived agents"
ORDER = 1

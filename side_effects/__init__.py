"""Payments that happen once, and bookings that are undone together."""

TASK_QUEUE = "side-effects-task-queue"
GROUP = "Long-lived agents"
ORDER = 5

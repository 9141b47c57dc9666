"""An agent that tells the time anywhere: replace its tool and its instructions with yours."""

TASK_QUEUE = "my-agent"

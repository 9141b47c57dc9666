"""The workflow side of a conversation: transcript, pending tool call, and turn."""

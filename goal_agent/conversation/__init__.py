"""The workflow side of a conversation: transcript, tool call, turn, and main loop."""

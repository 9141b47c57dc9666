"""Tests of the table of SDK features that work, or are rejected, in a workflow."""

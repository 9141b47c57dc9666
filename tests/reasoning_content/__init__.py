"""Tests of reasoning_content/."""

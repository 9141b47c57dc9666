"""Tests of the topic tools."""

"""Tests of handoffs/."""

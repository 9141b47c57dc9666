"""Tests of budgets/."""

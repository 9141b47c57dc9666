"""Tests of workflow_activities/, on SQLite, PostgreSQL, and a real mail server."""

"""Tests of versioning/."""

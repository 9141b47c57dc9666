"""Tests of long_runs/."""

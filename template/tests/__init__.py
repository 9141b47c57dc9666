"""Tests: offline, on a real Temporal dev server, with a scripted model."""

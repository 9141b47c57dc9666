"""Tests: everything offline, the same on every machine."""

"""Tests of the failures."""

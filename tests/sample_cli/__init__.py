"""Tests of the `sample` command."""

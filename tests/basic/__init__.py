"""Tests of basic/."""

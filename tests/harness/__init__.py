"""Helpers that the tests of several folders share; tests/README.md says which to use when."""

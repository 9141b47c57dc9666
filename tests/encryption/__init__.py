"""Tests of encryption/."""

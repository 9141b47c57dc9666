"""Unit tests of the samples in handoffs/."""

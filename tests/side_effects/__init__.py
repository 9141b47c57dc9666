"""Tests of side_effects/."""

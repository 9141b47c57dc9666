"""Tests of model_providers/."""

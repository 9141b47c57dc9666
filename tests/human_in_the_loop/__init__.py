"""Tests of human_in_the_loop/."""

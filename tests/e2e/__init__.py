"""Whole runs on real repositories."""

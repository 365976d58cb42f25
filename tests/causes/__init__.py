"""Causes: patterns, places, weights."""

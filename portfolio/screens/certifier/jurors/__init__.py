"""Jurors."""

"""Screens of the candidate."""

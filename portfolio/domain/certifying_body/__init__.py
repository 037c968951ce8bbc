"""Certifying body."""

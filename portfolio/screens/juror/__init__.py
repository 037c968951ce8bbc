"""Juror."""

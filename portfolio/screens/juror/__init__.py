"""Screens of jury members."""

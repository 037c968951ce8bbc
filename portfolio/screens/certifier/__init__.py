"""Screens of the certifier."""

"""Certifier."""

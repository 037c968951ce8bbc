"""Composition, reading, findings, decisions, closing."""

"""Append-only: who did what to which object, when."""

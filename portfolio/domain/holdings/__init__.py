"""Permanent grants of blocks: their grounds, certificates, equivalences and status changes."""

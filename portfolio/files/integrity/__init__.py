"""Integrity of stored files: references from rows, checks, deletion of orphan files."""

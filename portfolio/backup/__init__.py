"""Backup and restore of a whole installation: database, files, keys."""

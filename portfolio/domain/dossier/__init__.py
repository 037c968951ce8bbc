"""Experiences, narratives, claims, and the coverage matrix that shows what is missing."""

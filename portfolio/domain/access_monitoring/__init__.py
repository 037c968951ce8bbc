"""Bulk reading: who opens far more of other people than work explains, and whom it is told to (trust.md
§6).
"""

"""Certifications."""

"""Renditions."""

"""Candidacies."""

"""Candidacy listing: what lists, counts and the console of the certifier sort and filter by, candidacies and
certificates.
"""

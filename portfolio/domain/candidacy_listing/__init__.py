"""Candidacy listing: what lists, counts and the certifier’s console sort and filter by, kept beside each candidacy."""

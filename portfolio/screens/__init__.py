"""Screens: one package for each audience, with views, forms and queries."""

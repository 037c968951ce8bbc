"""Flattened copies: pages as pictures, with what is masked painted over, and the words that remain."""

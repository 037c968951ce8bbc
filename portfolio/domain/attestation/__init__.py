"""Attestations that third parties sign on line: asked by the candidate, written and signed by someone without
an account.
"""

"""Integrity: the checks of the ledger, the grants and the files, run every night, and the tasks that they
give.
"""

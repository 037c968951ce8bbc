"""Closing of a hearing: the one place where jury, holdings and ledger meet."""

"""The ledger: a signed hash chain of every recorded act, with its verification and checkpoints."""

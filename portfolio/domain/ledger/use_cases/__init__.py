"""The ledger: recording acts as they are closed, checking that none was bent, keeping its heads elsewhere."""

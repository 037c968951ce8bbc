"""Documents to take away, certificates to sign, results to notify, what the body says of itself."""

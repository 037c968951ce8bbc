"""The domain: one package for each noun of VAE, without Flask and without screens."""

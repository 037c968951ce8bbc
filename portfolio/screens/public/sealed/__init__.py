"""The public check of a file against the receipt of a sealed dossier."""

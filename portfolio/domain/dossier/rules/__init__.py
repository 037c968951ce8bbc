"""Pure rules of the dossier."""

"""What the noun dossier says in French."""

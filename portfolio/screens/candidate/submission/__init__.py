"""Pages of the seal: what is missing before it, the receipt after it, the sealed dossier to read."""

"""What the noun certificate says in French."""

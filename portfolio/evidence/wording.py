"""What the noun evidence says in French."""

"""What the noun jury says in French."""

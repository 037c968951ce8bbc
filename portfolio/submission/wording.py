"""What the noun submission says in French."""

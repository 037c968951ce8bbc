"""Pure rules of juries."""

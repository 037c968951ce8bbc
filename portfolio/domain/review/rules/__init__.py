"""Pure rules of reviews and messages."""

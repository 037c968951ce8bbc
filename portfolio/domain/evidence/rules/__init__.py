"""Pure rules of evidence."""

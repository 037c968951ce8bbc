"""One file a format: what it takes to be sure that a file really is what it looks like."""

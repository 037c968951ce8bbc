"""Pages of evidence: the list, one piece, its files, its pages to read."""

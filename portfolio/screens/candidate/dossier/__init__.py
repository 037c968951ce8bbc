"""Pages of the draft: the matrix, experiences, narratives, texts, claims."""

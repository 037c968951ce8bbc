"""One reader a source format: text in, an entry with its doubts out."""

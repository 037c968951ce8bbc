"""Tables of evidence, files, uploads and renditions."""

"""Readers: the content of a file as headings, paragraphs, tables and pictures. They run in the sandbox."""

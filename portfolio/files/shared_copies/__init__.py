"""Copies of files for others than the person whose they are: what is drawn of them, and nothing else."""

"""Pieces of evidence, their file versions, and what each must say about itself."""

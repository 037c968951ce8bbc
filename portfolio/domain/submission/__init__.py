"""The seal: what was submitted, its manifest, its root, its receipt."""

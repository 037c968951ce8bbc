"""The figures of a body."""

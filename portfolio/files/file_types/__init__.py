"""File types."""

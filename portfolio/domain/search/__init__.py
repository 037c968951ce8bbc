"""Full-text search in French over what a person may read."""

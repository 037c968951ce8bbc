"""The demonstration: one certifying body and people at every stage of the path."""

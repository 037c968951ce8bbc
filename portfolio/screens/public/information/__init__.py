"""Help, legal notice, personal data and accessibility: read by everyone."""

"""The audit log of a candidacy or of a jury session, for those it concerns."""

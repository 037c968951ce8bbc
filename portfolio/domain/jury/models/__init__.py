"""Tables of sessions, hearings, members, statements and minutes."""

"""Mail to people: written in the transaction that caused it, sent after."""

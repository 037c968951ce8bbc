"""How long data of people is kept, what stops the clocks, and the erasure of a dossier."""

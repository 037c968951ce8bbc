"""Use cases of acts on many people: ordered in one transaction, carried out in one transaction a person."""

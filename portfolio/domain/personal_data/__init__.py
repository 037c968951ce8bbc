"""Everything that the product keeps of one person: exported to them, counted, erased."""

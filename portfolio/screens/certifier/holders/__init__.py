"""The people who held blocks before this product was used, as their certifier sees them."""

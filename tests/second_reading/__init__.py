"""A second reading of the rules of juries and grants, to compare with the product's own: see `tables.py`."""

"""Files for an inspection or an appeal."""

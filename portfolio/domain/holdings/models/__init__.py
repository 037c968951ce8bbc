"""Tables of grants, certificates and the events that certifiers record."""

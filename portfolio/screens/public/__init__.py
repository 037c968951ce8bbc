"""Public screens: verification of a certificate, information pages."""

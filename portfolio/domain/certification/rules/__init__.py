"""Pure rules of certifications."""

"""Pure rules of notifications and signatures."""

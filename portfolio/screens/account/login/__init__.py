"""Login, logout, password and invitation screens."""

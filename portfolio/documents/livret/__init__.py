"""The livret 2 as a book: its model, its editions as PDF, its packages."""

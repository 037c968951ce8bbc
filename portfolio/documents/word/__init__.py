"""The livret 2 in the DOCX template of a certifier."""

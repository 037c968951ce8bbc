"""Database: engine, the only commit, append-only triggers, migrations."""

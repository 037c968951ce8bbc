"""Entry points: bootstrap, worker, supervisor, commands."""

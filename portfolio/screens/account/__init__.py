"""Screens of every account: home, login, security, audit log."""

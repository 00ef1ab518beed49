"""Signing in and out: passwords, sessions, tokens."""

"""Uploads: what was sent, checked, made safe and served."""

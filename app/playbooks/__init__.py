"""Playbooks: what to do, written before anything happens, and walked when it does."""

"""Administration from the console, one module a group of commands."""

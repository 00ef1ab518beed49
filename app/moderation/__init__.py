"""Reports, review items, decisions."""

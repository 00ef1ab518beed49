"""Words in, a score between 0 and 1 out: pure, local, and explained by its words."""

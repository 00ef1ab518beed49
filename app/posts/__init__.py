"""Posts and comments: what people write in a space."""

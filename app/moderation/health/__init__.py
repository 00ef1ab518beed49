"""What is seen of moderation: how the queue fares, for those who answer for it; what staff may know of it."""

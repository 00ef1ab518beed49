"""Finding people, spaces and entries among what one may see."""

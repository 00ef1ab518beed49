"""Reading: home, spaces, and what one missed."""

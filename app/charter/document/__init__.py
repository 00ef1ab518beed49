"""How a version of the charter comes about: written, commented, signed by three, announced, in force."""

"""Evidence: what is known of a case, sealed so that a change to it is found."""

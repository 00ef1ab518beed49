"""What can go wrong between us and the directory. Reasons are for logs and admins, never for who signs in."""


class Trouble(Exception):
    """The directory didn't answer as it should."""


class Unreachable(Trouble):
    """It didn't answer at all, in time, or over a connection that can be trusted: another server may."""


class Malformed(Trouble):
    """Its bytes aren't what they should be."""

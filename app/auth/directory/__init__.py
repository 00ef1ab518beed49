"""The company's directory (LDAP, Active Directory): the protocol, and what an entry says of a person."""

"""How people come and go: invitations, lists of people, and partners who stay for a while."""

"""What the company's directory says of people, taken over into their accounts, again and again."""

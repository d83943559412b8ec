"""The user's program as text: which line made what, its expressions, its names; and the text of the rules."""

"""The prompt in the manner of pdb: what is typed at it, what it does, and how it says it."""

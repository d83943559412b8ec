"""Backward passes, stepped forth and back: as steps, at a prompt, in an editor, in a notebook; and where a program stops."""

"""What a Tensor answers when Python or NumPy asks for something: a number, a copy, a function that is no operation."""

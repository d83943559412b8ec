"""The backward pass one step at a time: steps, a prompt, breakpoints, pictures for slides."""

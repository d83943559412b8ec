"""The recorded graph as a picture: what is drawn of it, and what stands in the boxes."""

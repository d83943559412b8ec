"""Notebooks: `%load_ext microgradnn` brings `%%backprop` and `%explain`, and errors that end at the user's line."""

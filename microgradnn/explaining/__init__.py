"""Where one element's gradient comes from: the chain rule as a derivation, paths and a picture."""

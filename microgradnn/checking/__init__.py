"""Whether what was computed is right: NaN and inf where they begin, gradients against finite differences."""

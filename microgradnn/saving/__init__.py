"""Where `.save(path)` goes: who writes which format, and files that are written whole or not at all."""

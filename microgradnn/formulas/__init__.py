"""How mathematics is written: formulas with names or numbers in them, as text, LaTeX and MathML."""

"""How mathematics is written: one tree, and styles that write it as text, LaTeX and MathML.

| file | what it has |
|---|---|
| `formula.py` | the tree: names, numbers, sums, products, ..., and its JSON |
| `style.py` | where brackets stand: every piece carries how strongly it binds |
| `unicode_text.py`, `latex.py`, `mathml.py` | the styles |
| `symbols.py` | numbers that remember how they were made: a rule run on them returns its formula |
| `spelling.py`, `operations.py` | nodes of the graph as formulas; how each operation is written |
| `rule_formula.py`, `parts.py` | the Python of a rule as a formula; rows and columns, which NumPy has one kind of |
| `typed.py` | names as a user types them |
| `brief.py` | arrays in a few characters |
| `signs.py` | the signs that all of them write |

The notation in text, loosest first. What is printed can be parsed back and gives the number:

    equation     sum = sum = ...
    sum          term + term − term ...                first term: also −term, Σ term, mean term
    term         product, or a chain of them with ⊙ (by elements), · (with a scalar, or of factors) and /, left to right
    product      power power ...                       side by side: of matrices, or of numbers; (2/3) x₁, 2(t − o), 0.5·0.3
    power        atom followed by ² ⁻¹ ^(...) or ᵀ
    atom         name, number, (sum), call(sum, ...), |sum|, [sum > sum], ∂atom/∂atom, atom₁₂, atom[0, 1:], [1, 2; 3, 4]

A minus in front takes all of a term: −x² is −(x²), −a · b is −(a · b). Below / stands at most a power: a/(x W). A number in
powers of ten, 1.5·10⁻⁷, is one number. An index below the line counts as chain_rule was told to (from 1 if not told), with
commas where an index has two digits: W₁,₁₂; one in brackets is Python's. [x > 0] is 1 where it holds, else 0.

⊙, / and powers go by elements and broadcast; side by side and · are the matrix product of arrays, and the ordinary one where
a number takes part. A vector is a row or a column as its place asks: h V of two vectors is a number. ᵀ exchanges the last two
axes, and of a vector makes the other one: hᵀ · g is an outer product. A function is called as in NumPy, keywords included.
"""

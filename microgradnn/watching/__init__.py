"""What is known of a graph and does not stand in it: who watches it, notes on its nodes, calls, values that have changed."""

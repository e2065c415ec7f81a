"""The outside world: one package for each technology, and `adapters.composition`, which wires them."""

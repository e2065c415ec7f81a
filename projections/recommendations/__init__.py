"""Which videos to offer: a read model whose rows are arrays, learned from every interaction as it happens."""

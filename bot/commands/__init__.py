"""The commands, one module for each family; imported only when called."""

"""The App killed with SIGKILL at every point of its way: each effect has to be there once, and no delivery lost."""

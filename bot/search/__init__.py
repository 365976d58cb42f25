"""Search-based repair: localise, mutate, evaluate, rank."""

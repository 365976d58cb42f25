"""What is needed to believe a patch: the diff gate's values, comparisons of runs, the rank test, the evidence."""

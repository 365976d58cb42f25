"""From an anomaly to its cause: where it is, which pattern, how much it matters."""

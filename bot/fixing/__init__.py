"""From proposals to patches: run the strategies of one cause, merge what they yield, and keep what parses."""

"""The running App: what each job does, what waits, and the server around it."""

"""Which checks a project has, and running them through the sandbox."""

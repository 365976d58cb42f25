"""Small faulty functions as people write them every day, each with natural tests and its right fix."""

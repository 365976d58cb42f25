"""What runs inside the sandbox to try candidate edits: copied there whole, standard library only, Python 3.8 and later.

It is never imported by the rest of the project. Its answers put candidates in an order; they prove nothing.
"""

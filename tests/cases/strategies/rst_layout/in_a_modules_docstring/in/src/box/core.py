"""Box.

* take
* add
and be done.
"""

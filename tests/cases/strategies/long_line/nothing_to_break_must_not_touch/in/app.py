"""Usage: app --this-option-is-long --another-option-is-long --and-a-third-one-for-good-measure."""

import os  # noqa: F401 because something else that is very far away wants to find it here, and does
# https://example.org/an/address/that/is/so/long/that/nobody/could/break/it/at/any/place/whatsoever
DATA = """
one line of a text that is data, not prose, and must stay as it is whatever anybody says about it
"""
NAME_THAT_CAN_NOT_BE_BROKEN_AT_ALL_BECAUSE_IT_HAS_NO_PLACE_TO_BREAK_IT_AT_SO_IT_STAYS_AS_IT_IS = 1

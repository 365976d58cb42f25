"""Kinds of edits, one per file: each yields the changes it can make at one node, with their relative weights.

`share` is the fraction of single-statement fixes that are of the kind; where published, it is the frequency in TSSB-3M
(Richter and Wehrheim: "TSSB-3M: Mining single statement bugs at massive scale", 2022), rounded.
"""

import pandas as pd

def add(frame, row):
    rows = []
    rows.append(row)
    return frame.append(row, ignore_index=True), rows

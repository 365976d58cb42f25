import pandas as pd

ROWS = []
ROWS.append(1)

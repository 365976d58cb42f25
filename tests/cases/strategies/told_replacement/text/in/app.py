import pandas as pd


def days():
    return pd.date_range('2020', periods=3, freq='M')

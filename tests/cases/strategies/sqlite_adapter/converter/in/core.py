"""Docs."""
import sqlite3


def keep(con):
    con.execute('x')

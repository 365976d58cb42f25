import datetime
import sqlite3


def keep(con):
    con.execute('x', (datetime.datetime.now(),))

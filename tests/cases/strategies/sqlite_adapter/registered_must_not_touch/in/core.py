import datetime
import sqlite3

sqlite3.register_adapter(datetime.date, str)

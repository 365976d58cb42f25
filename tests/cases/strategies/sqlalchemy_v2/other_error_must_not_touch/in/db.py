from sqlalchemy import create_engine

X = create_engine("sqlite://").connect().execute("select 1")

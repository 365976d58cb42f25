from sqlalchemy import create_engine, select, case


def count(c, users, table):
    c.execute(f"delete from {table}")
    c.execute(select([users.c.id, users.c.name]))
    c.scalar(select(users.c.id))
    return c.execute("select 1").scalar(), case([(users.c.id == 1, "a")], else_="b")

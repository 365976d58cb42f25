A = "\d+"
B = "é\n\w"; C = b'\.'
D = r"\d"
E = """a
\s
"""

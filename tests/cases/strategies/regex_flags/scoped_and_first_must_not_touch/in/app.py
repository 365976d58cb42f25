import re

A = re.compile(r'a(?i:b)')
B = re.compile(r'(?i)b')
C = 'see (1) of this'
D = re.compile(r'\(?i)')

from functools import defaultdict, lru_cache

X = defaultdict(list)

calls = 0

def walk(n):
    global calls
    calls += 1
    return [n] if n < 2 else walk(n - 1) + walk(n - 2)

def tree(n, seen):
    seen.append(n)
    return n if n < 2 else tree(n - 1, seen) + tree(n - 2, seen)

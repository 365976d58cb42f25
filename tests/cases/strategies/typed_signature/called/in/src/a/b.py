def helper(n):
    print(n)

def f(grid, i, j):
    return grid[i, j], [i]

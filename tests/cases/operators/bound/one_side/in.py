def at(cells, row, column):
    if row < len(cells) and column > 9:
        return cells[row]
    return None

def at(cells, text, row, column):
    if row < len(cells) and column > 9:
        return cells[row]
    return text.lower() if 3 <= row else None

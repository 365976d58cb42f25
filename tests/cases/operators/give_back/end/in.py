def letters(text):
    counts, last = {}, None
    for letter in text:
        counts[letter] = counts.get(letter, 0) + 1

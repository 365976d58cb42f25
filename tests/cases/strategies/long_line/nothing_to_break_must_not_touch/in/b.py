x = 1
y = 'a text with a line end of another kind'

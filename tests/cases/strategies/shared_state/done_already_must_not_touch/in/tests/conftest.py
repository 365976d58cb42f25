def fresh_state():
    pass

def may(user, owner, open):
    return user.admin or user == owner and open

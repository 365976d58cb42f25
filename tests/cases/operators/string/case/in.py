def f():
    return "Hello-you"

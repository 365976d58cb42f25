import helpers

X = helpers.f()

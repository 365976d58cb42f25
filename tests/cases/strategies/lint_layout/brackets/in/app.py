def total(first,
      second):
    return max(first,
        min(second,
            1),
                2)


VALUES = dict(a=1,
              text="""one
  two""",
    b=2)

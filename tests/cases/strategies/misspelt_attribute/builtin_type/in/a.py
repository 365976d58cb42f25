def is_url(text):
    return (text
        .strip().startwith("http"))

class http_client:
    pass

import clock

NOW = clock.datetime.utcnow()

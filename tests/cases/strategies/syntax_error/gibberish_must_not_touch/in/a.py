$$ x @@ ?? def
class { } : if

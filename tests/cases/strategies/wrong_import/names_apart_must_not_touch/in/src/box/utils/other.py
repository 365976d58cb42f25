u = 'u'

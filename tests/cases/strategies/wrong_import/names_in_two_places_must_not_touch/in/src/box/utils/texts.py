text_type = str
u = 'u'

NAME = 'sums'
VERSION = '1.0'

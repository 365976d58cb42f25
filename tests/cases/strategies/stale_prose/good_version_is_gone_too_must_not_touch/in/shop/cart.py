class Trolley: pass

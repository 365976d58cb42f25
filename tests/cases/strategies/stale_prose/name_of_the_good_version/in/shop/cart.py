class Basket: pass

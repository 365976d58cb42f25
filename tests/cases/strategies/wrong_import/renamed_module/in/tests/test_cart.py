from shop.cart import pay

html_logo = "img/lgo.png"
